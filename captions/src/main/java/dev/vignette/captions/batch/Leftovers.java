package dev.vignette.captions.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Temporary files that a killed run left beside its outputs. */
final class Leftovers {
  private Leftovers() {}

  /** Deletes those of {@code files}; no other run may be writing them. */
  static void delete(OutputFiles files) {
    Path predictions = files.predictions().toAbsolutePath();
    String ofPredictions = "." + predictions.getFileName() + ".";
    String ofDetails = "." + files.detailsFile().getFileName() + ".";
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(
            predictions.resolveSibling(""),
            file -> {
              String name = file.getFileName().toString();
              return name.endsWith(".tmp")
                  && (name.startsWith(ofPredictions) || name.startsWith(ofDetails));
            })) {
      for (Path file : found) {
        Files.deleteIfExists(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "Temporary files of an earlier run beside %s cannot be deleted (%s). Delete them, or give another --output."
              .formatted(predictions, failure.getMessage()),
          failure);
    }
  }
}
