package dev.vignette.captioner.train;

import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
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
    return captions().resolve("epoch_%02d.json".formatted(epoch));
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

  /**
   * Takes the run for this process, until the lock is closed. The lock lies beside the folder, as
   * {@code runs/.NAME.lock}.
   *
   * @throws ConfigException if another process, or another thread, trains it
   */
  ProcessLock lock() throws IOException {
    Path folder = root.toAbsolutePath().normalize();
    OutputFolder.make(
        folder.getParent(), "run.folder", "choose another by --set run.folder=DIR");
    return ProcessLock.tryExclusive(folder)
        .orElseThrow(() ->
            new ConfigException(
                "The run %s is being trained by another process: wait until it ends, or give this one another name by --set run.name=NAME"
                    .formatted(root)));
  }

  /**
   * Refuses a folder that is no run's and holds files, which the run's would replace.
   *
   * @throws ConfigException naming one
   */
  void requireEmpty() throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(root, file -> !file.getFileName().toString().startsWith("."))) {
      for (Path file : files) {
        throw new ConfigException(
            "A run begins in a folder of its own, but %s is no run and holds %s: give another name by --set run.name=NAME"
                .formatted(root, file.getFileName()));
      }
    }
  }

  private Path captions() {
    return root.resolve("captions");
  }

  /** Says that something of the run could not be written, and how it goes on. */
  UnwritableFileException unwritten(IOException failure) {
    return new UnwritableFileException(
        "The run %s cannot be kept (%s). Make room or give permission, and go on by captioner train --resume: it begins at the last checkpoint, and what was encoded is kept."
            .formatted(root, UnwritableFileException.reasonOf(failure)),
        failure);
  }

  /** Removes temporary files that a killed process left; the caller holds {@link #lock}. */
  void removeLeftovers() throws IOException {
    for (Path directory : List.of(root, best(), last(), captions())) {
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
