package dev.vignette.captions.batch;

import dev.vignette.captions.MalformedDataException;
import dev.vignette.captions.Predictions;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** The captions that a {@code predictions.json} has before a run. */
final class ExistingPredictions {
  private ExistingPredictions() {}

  /**
   * Those of {@code file}, none if it is missing.
   *
   * @throws UsageException if it is there and no captions by file
   */
  static SortedMap<String, String> read(Path file) {
    if (Files.notExists(file)) {
      return new TreeMap<>();
    }
    Predictions predictions;
    try {
      predictions = Predictions.read(file);
    } catch (MalformedDataException | UncheckedIOException failure) {
      throw new UsageException(
          "The output holds no predictions that could be added to. %s Move it away, or give another --output."
              .formatted(failure.getMessage()),
          failure);
    }
    if (predictions.keys() != Predictions.Keys.FILE) {
      throw new UsageException(
          "The output %s is a COCO results list by image id, and captions by file cannot be added to it. Give another --output."
              .formatted(file));
    }
    return new TreeMap<>(predictions.captions());
  }
}
