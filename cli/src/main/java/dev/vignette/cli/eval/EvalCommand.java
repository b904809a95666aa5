package dev.vignette.cli.eval;

import dev.vignette.captions.reading.PredictionParts;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.run.DistinctOutputs;
import dev.vignette.cli.run.OwnedFiles;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.Evaluation;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.metric.DocumentFrequencies.DocumentFrequencyFile;
import dev.vignette.eval.report.CsvReport;
import dev.vignette.eval.report.FigureTable;
import dev.vignette.eval.report.JsonReport;
import dev.vignette.eval.report.ReportPage;
import dev.vignette.files.ProcessLocks;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.sentences.NameList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vignette eval}: captions against references and images. */
@Command(
    name = "eval",
    description =
        "Scores captions: CIDEr, BLEU, ROUGE-L, CLIPScore, equal to the reference tools', with 95%% intervals.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = EvalCompareCommand.class,
    footer = {
      "",
      "Predictions are {\"file stem\": \"caption\"} or COCO's list of {image_id, caption}, as one JSON or a line each;",
      "annotations are COCO's, NoCaps', Karpathy's, {\"id\": [captions]}, Hugging Face's metadata.jsonl, Flickr's tables, or a tar shard with texts.",
      "Ids are numbers or texts, files may be packed by gzip.",
      "The last line is the homework's: CIDEr: … | CLIPScore: …",
      "",
      "Examples:",
      "  vignette eval --predictions captions.json --annotations val.json",
      "  vignette eval --predictions captions.json --annotations val.json --images val/ --html report.html",
      "  vignette eval compare a.json b.json"
    })
public final class EvalCommand implements Callable<Integer> {
  private static final int SOME_FAILED = 1;

  @Option(
      names = {"--predictions", "--pred_file"},
      paramLabel = "FILE|DIR|PATTERN",
      description =
          "The captions to score: a file, or the parts in a folder or of a pattern such as 'out/part-*.json', read as one.")
  private @Nullable Path predictions;

  @Option(
      names = {"--annotations", "--annotation_file"},
      paramLabel = "FILE",
      description = "The references.")
  private @Nullable Path annotations;

  @Option(
      names = "--split",
      split = ",",
      paramLabel = "NAME",
      description =
          "Only the images of these splits, where the references name splits: test of Karpathy's dataset_coco.json, in-domain of NoCaps'.")
  private List<String> splits = new ArrayList<>();

  @Option(
      names = {"--images", "--images_root"},
      paramLabel = "DIR",
      description = "The folder of the images, for CLIPScore and for the page's thumbnails.")
  private @Nullable Path images;

  @Mixin private ScoringArguments scoring = new ScoringArguments();

  @Option(
      names = "--save-cider-df",
      paramLabel = "FILE",
      description = "Saves the document frequencies of CIDEr for --cider-df.")
  private @Nullable Path saveFrequencies;

  @Mixin private ClipArguments clip = new ClipArguments();

  @Option(
      names = "--allow-missing",
      description = "Scores what matches and says what was left out, instead of stopping.")
  private boolean allowMissing;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes all figures, of every image too; what vignette eval compare reads.")
  private @Nullable Path json;

  @Option(
      names = "--per-image",
      paramLabel = "FILE",
      description = "Writes the figures of every image as CSV.")
  private @Nullable Path perImage;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes one HTML page that needs no network; with --images it has thumbnails.")
  private @Nullable Path html;

  @Option(
      names = "--thumbnails",
      paramLabel = "N",
      defaultValue = "600",
      description =
          "At most so many images are shown on the page, the best and worst first. Default: ${DEFAULT-VALUE}.")
  private int thumbnails;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    if (scoring.listed(command.getOut())) {
      return 0;
    }
    if (predictions == null || annotations == null) {
      throw new ParameterException(
          command, "Missing required options: '--predictions=FILE' and '--annotations=FILE'");
    }
    if (thumbnails < 0) {
      throw new UsageException("--thumbnails is a number from 0 up, not " + thumbnails);
    }
    List<Path> parts = PredictionParts.of(predictions);
    DistinctOutputs outputs = outputs(parts);
    requireOwn();
    Optional<ImageFolder> folder = folder();
    EvalOptions options = scoring.toOptions(clip.given(), saveFrequencies);
    boolean withImages = options.needsImages();
    if (withImages && folder.isEmpty()) {
      throw new UsageException(
          "clipscore and refclipscore look at the images: name their folder with --images");
    }
    EvalInputs inputs = EvalInputs.read(predictions, parts, annotations, splits, allowMissing);
    folder.ifPresent(where -> outputs.requireKept("--images", where.files(inputs.images())));
    EvalReport report =
        withImages
            ? new Scoring(options, clip.request(Optional.empty()))
                .score(inputs, folder.orElseThrow(), allowMissing)
            : Evaluation.of(inputs, options);
    Scoring.sayNotes(List.of(report), command.getErr());
    List<String> unreadable = writeTogether(report, folder);
    if (!unreadable.isEmpty()) {
      command
          .getErr()
          .println("vignette: " + NameList.of("images that cannot be read", unreadable));
    }
    command.getErr().flush();
    command.getOut().print(FigureTable.of(report));
    command.getOut().flush();
    return unreadable.isEmpty() ? 0 : SOME_FAILED;
  }

  /** The outputs, none of which is an input. */
  private DistinctOutputs outputs(List<Path> parts) {
    return new DistinctOutputs()
        .add("--json", json)
        .add("--per-image", perImage)
        .add("--html", html)
        .add("--save-cider-df", saveFrequencies)
        .requireKept("--predictions", parts)
        .requireKept("--annotations", annotations)
        .requireKept("--cider-df", scoring.frequencies().orElse(null))
        .requireKeptIn("--clip", clip.folder().orElse(null));
  }

  /** Each output replaces an earlier one of its kind only. */
  private void requireOwn() {
    OwnedFiles.requireNamed("--json", json, JsonReport::isFree);
    OwnedFiles.requireNamed("--per-image", perImage, CsvReport::isFree);
    OwnedFiles.requireNamed("--html", html, ReportPage::isFree);
    OwnedFiles.requireNamed("--save-cider-df", saveFrequencies, DocumentFrequencyFile::isFree);
  }

  private Optional<ImageFolder> folder() {
    if (images != null && !Files.isDirectory(images)) {
      throw new UsageException(
          "--images names the folder of the images, and there is no folder " + images);
    }
    return Optional.ofNullable(images).map(ImageFolder::new);
  }

  /** Two processes that write the same files would leave some of the one and some of the other. */
  private List<String> writeTogether(EvalReport report, Optional<ImageFolder> folder) {
    List<Path> files =
        Stream.of(json, perImage, html)
            .flatMap(Stream::ofNullable)
            .filter(file -> Files.notExists(file) || Files.isRegularFile(file))
            .toList();
    if (files.size() < 2) {
      return write(report, folder);
    }
    try (ProcessLocks _ = ProcessLocks.exclusive(files)) {
      return write(report, folder);
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be held against other processes (%s). Give permission to write beside them, or choose another folder."
              .formatted(files, UnwritableFileException.reasonOf(failure)),
          failure);
    }
  }

  /** Writes what was asked for; returns the images that the page could not show. */
  private List<String> write(EvalReport report, Optional<ImageFolder> folder) {
    if (json != null) {
      JsonReport.write(json, report);
    }
    if (perImage != null) {
      CsvReport.write(perImage, report);
    }
    return html == null ? List.of() : ReportPage.write(html, report, folder, thumbnails);
  }
}
