package dev.vignette.captions.run;

import dev.vignette.captions.Predictions;
import dev.vignette.files.MalformedDataException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A {@code predictions.json} and the files that are kept beside it.
 *
 * @param path of the {@code predictions.json}
 */
public record PredictionsFile(Path path) {
  private static final String JSON = ".json";

  /**
   * Returns {@code predictions.json.journal}, which says for each caption what it was made of. It
   * makes a killed run go on and a changed image be captioned again; keep it beside the
   * predictions.
   */
  public Path journal() {
    return path.resolveSibling(path.getFileName() + ".journal");
  }

  /** Returns {@code predictions.details.jsonl} beside {@code predictions.json}. */
  public Path details() {
    String name = String.valueOf(path.getFileName());
    String stem = name.endsWith(JSON) ? name.substring(0, name.length() - JSON.length()) : name;
    return path.resolveSibling(stem + ".details.jsonl");
  }

  /**
   * Reads the captions that are there, none if the file is missing.
   *
   * @throws UsageException if it is there and no captions by file
   */
  SortedMap<String, String> read() {
    if (Files.notExists(path)) {
      return new TreeMap<>();
    }
    Predictions predictions;
    try {
      predictions = Predictions.read(path);
    } catch (MalformedDataException | UncheckedIOException failure) {
      throw new UsageException(
          "The output holds no predictions that could be added to. %s Move it away, or give another --output."
              .formatted(failure.getMessage()),
          failure);
    }
    if (predictions.keys() != Predictions.Keys.FILE) {
      throw new UsageException(
          "The output %s is a COCO results list by image id, and captions by file cannot be added to it. Give another --output."
              .formatted(path));
    }
    return new TreeMap<>(predictions.captions());
  }
}
