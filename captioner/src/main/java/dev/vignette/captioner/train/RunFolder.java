package dev.vignette.captioner.train;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a run.
 *
 * @param root {@code runs/NAME}
 */
public record RunFolder(Path root) {
  /** The effective configuration. */
  public Path config() {
    return root.resolve("config.yaml");
  }

  /** Everything a resumed run needs. */
  public Path checkpoint() {
    return root.resolve("checkpoint.safetensors");
  }

  /** One line an epoch and every few steps. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** What the run is validated on, for whoever scores its captions again. */
  public Path validation() {
    return root.resolve("validation.json");
  }

  /** Loss, rate and scores as a picture. */
  public Path curves() {
    return root.resolve("curves.png");
  }

  /** Validation captions of an epoch. */
  public Path captions(int epoch) {
    return root.resolve("captions").resolve("epoch_%02d.json".formatted(epoch));
  }

  /** A few images with captions and references, of the last epoch. */
  public Path samples() {
    return root.resolve("samples.md");
  }

  /** The adapter of the best epoch. */
  public Path best() {
    return root.resolve("best");
  }

  /** The adapter of the last epoch. */
  public Path last() {
    return root.resolve("last");
  }

  /** Removes temporary files that a killed process left. */
  void removeLeftovers() throws IOException {
    for (Path directory : List.of(root, best(), last())) {
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, ".*.tmp")) {
          for (Path leftover : leftovers) {
            Files.delete(leftover);
          }
        }
      }
    }
  }
}
