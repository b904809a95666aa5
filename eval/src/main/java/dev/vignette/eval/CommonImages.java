package dev.vignette.eval;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.reading.PredictionParts;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.EvalInputs.ImageMatch;
import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport.Fingerprint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Predictions of several systems for the same images.
 *
 * @param inputs what is scored of each system, in the order asked for; all of the same images
 * @param leftOut whether any system has images that another lacks, or the annotations have
 */
public record CommonImages(List<EvalInputs> inputs, boolean leftOut) {

  public CommonImages {
    inputs = List.copyOf(inputs);
  }

  /** Predictions held against the annotations. */
  private record Matched(Path file, ImageMatch match, Fingerprint fingerprint) {
    Set<String> ids() {
      return match.matched().stream().map(each -> each.image().id()).collect(Collectors.toSet());
    }

    EvalInputs only(Set<String> ids) {
      List<ScoredImage> kept =
          match.matched().stream().filter(each -> ids.contains(each.image().id())).toList();
      return new EvalInputs(kept, EvalInputs.notes(match, kept), fingerprint);
    }
  }

  /**
   * Reads predictions and matches each with the annotations.
   *
   * @param predictions each a file, a folder or a pattern of file names; see {@link
   *     PredictionParts}
   * @param splits what the annotations call them; none for all images
   * @param allowMissing whether images that some predictions lack are left out of all and noted,
   *     not refused
   * @throws UsageException when something does not match, all of it named by file; or when no image
   *     is common to all
   * @throws dev.vignette.files.faults.MalformedDataException when a file is not what it should be
   * @throws java.io.UncheckedIOException when a file cannot be read
   */
  public static CommonImages read(
      List<Path> predictions, Path annotations, List<String> splits, boolean allowMissing) {
    CocoCaptions references = CocoCaptions.read(annotations, splits);
    String hash = EvalInputs.hash(annotations);
    List<Matched> systems = new ArrayList<>();
    Set<String> common = null;
    for (Path file : predictions) {
      Matched system = match(file, references, hash);
      systems.add(system);
      if (common == null) {
        common = new LinkedHashSet<>(system.ids());
      } else {
        common.retainAll(system.ids());
      }
    }
    Set<String> kept = common == null ? Set.of() : common;
    List<String> complaints = complaints(systems);
    if (kept.isEmpty()) {
      throw new UsageException(
          "No image with references of %s is captioned in all files: %s. Name predictions of the same images, and the annotations they were made for."
              .formatted(annotations, String.join("; ", complaints)));
    }
    if (!complaints.isEmpty() && !allowMissing) {
      throw new UsageException(
          "The predictions and %s do not match: %s. Correct them, or compare over the %d images that all have with --allow-missing."
              .formatted(annotations, String.join("; ", complaints), kept.size()));
    }
    return new CommonImages(
        systems.stream().map(system -> system.only(kept)).toList(), !complaints.isEmpty());
  }

  private static Matched match(Path file, CocoCaptions references, String hash) {
    List<Path> parts = PredictionParts.of(file);
    ImageMatch match = ImageMatch.of(Predictions.read(parts), references);
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("predictions", EvalInputs.hash(parts));
    facts.put("annotations", hash);
    return new Matched(file, match, new Fingerprint(facts));
  }

  /** What does not match, a phrase a file and kind. */
  private static List<String> complaints(List<Matched> systems) {
    return systems.stream()
        .flatMap(system ->
            system.match().complaints().stream()
                .map(complaint -> system.file() + " has " + complaint))
        .toList();
  }
}
