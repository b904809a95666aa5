package dev.vignette.cli.eval;

import dev.vignette.attention.AttendingCaptioner;
import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionSelection;
import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.run.DistinctOutputs;
import dev.vignette.cli.run.OwnedFiles;
import dev.vignette.eval.localization.BoxesFile;
import dev.vignette.eval.localization.LocalizationReport;
import dev.vignette.eval.localization.LocalizationStudy;
import dev.vignette.eval.localization.NamedBoxes;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OwnFile;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Boxes and images to measure attention by, and the measuring: a picocli mix-in. */
public final class LocalizationArguments {
  private static final int SAID_EVERY = 50;
  private static final int RESAMPLES = 1000;
  private static final long SEED = 42;

  /** What is near the beginning of all figures as JSON. */
  private static final String[] MARKS = {"\"choices\"", "\"meanPointing\"", "\"meanMass\""};

  /** Which captions are looked at. */
  enum Captions {
    /** What the model says. */
    GENERATED,
    /** The first reference of each image, read by the model. */
    REFERENCES
  }

  @Option(
      names = "--boxes",
      required = true,
      paramLabel = "FILE",
      description =
          "Where things are: {\"file stem\": [{\"word\", \"plural\", \"boxes\": [[left, top, right, bottom]]}]}.")
  private Path boxes = Path.of("boxes.json");

  @Option(
      names = {"--annotations", "--annotation_file"},
      required = true,
      paramLabel = "FILE",
      description = "COCO annotations: which images, and their references.")
  private Path annotations = Path.of("annotations.json");

  @Option(
      names = {"--images", "--images_root"},
      required = true,
      paramLabel = "DIR",
      description = "The folder that the annotations' file names are relative to.")
  private Path images = Path.of("images");

  @Option(
      names = "--captions",
      paramLabel = "WHICH",
      defaultValue = "generated",
      description =
          "generated: what the model says; references: the first reference of each image, read by the model. Default: generated.")
  private Captions captions = Captions.GENERATED;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N images.")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write every figure of every layer and head.")
  private @Nullable Path json;

  /**
   * Refuses to write the figures over files that are read.
   *
   * @param what the option that names them
   * @throws UsageException if one of them is the output
   */
  public void requireKept(String what, List<Path> files) {
    new DistinctOutputs().add("--json", json).requireKept(what, files);
  }

  private record Work(CocoCaptions.Image image, Path file, List<NamedBoxes> things) {}

  /**
   * Reads what is to be done; call it before a model is loaded.
   *
   * @throws UsageException if nothing fits together
   */
  private List<Work> work() {
    DistinctOutputs outputs =
        new DistinctOutputs()
            .add("--json", json)
            .requireKept("--boxes", boxes)
            .requireKept("--annotations", annotations);
    OwnedFiles.requireNamed("--json", json, file -> OwnFile.isFree(file, MARKS));
    SequencedMap<String, List<NamedBoxes>> things = BoxesFile.read(boxes);
    List<Work> work =
        CocoCaptions.read(annotations).images().stream()
            .filter(image -> things.containsKey(image.stem()))
            .limit(Math.max(0, limit))
            .map(image ->
                new Work(
                    image,
                    images.resolve(image.fileName()),
                    things.getOrDefault(image.stem(), List.of())))
            .toList();
    if (work.isEmpty()) {
      throw new UsageException(
          "No image of %s has boxes in %s (%d images); boxes are by file stem, without folder and extension, and --limit is at least 1."
              .formatted(annotations, boxes, things.size()));
    }
    work.stream()
        .filter(each -> !Files.isRegularFile(each.file()))
        .findFirst()
        .ifPresent(each -> {
          throw new UsageException(
              "%s is not there; --images is the folder that the annotations' file names are relative to."
                  .formatted(each.file()));
        });
    outputs.requireKept("--images", work.stream().map(Work::file).toList());
    return work;
  }

  /** Opens a captioner once it is known that there is something for it to do. */
  @FunctionalInterface
  public interface Opening {
    AttendingCaptioner open() throws IOException;
  }

  /** Captions every image, and measures where its nouns looked. */
  public LocalizationReport measure(Opening opening, PrintWriter err) throws IOException {
    List<Work> work = work();
    try (AttendingCaptioner captioner = opening.open()) {
      LocalizationStudy study = new LocalizationStudy(captioner.layers(), captioner.heads());
      for (int i = 0; i < work.size(); i++) {
        study.add(attend(captioner, work.get(i)), work.get(i).things());
        if ((i + 1) % SAID_EVERY == 0 || i + 1 == work.size()) {
          err.println("%d of %d images".formatted(i + 1, work.size()));
          err.flush();
        }
      }
      LocalizationReport report = study.report(new Bootstrap(SEED, RESAMPLES));
      if (json != null) {
        AtomicFile.writeString(json, toJson(report));
      }
      return report;
    }
  }

  private AttendedCaption attend(AttendingCaptioner captioner, Work work) {
    Optional<String> caption =
        captions == Captions.REFERENCES
            ? work.image().captions().stream().findFirst()
            : Optional.empty();
    return captioner.attend(RgbImage.read(work.file()), caption, AttentionSelection.ALL);
  }

  private static String toJson(LocalizationReport report) {
    return JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(report)
        + System.lineSeparator();
  }
}
