package dev.vignette.captioner.train;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

  /**
   * Whether {@link #best} is there as it was saved: not before the first epoch, nor where it was
   * moved away or damaged.
   */
  public boolean hasBest() throws IOException {
    return AdapterFolder.isWholeIn(best());
  }

  /** The adapter of the last epoch. */
  public Path last() {
    return root.resolve("last");
  }

  /**
   * Takes the run for this process, until the lock is closed. The lock lies beside the folder, as
   * {@code runs/.NAME.lock}, or beside the one that a symbolic link leads to.
   *
   * @throws ConfigException if another process, or another thread, trains it
   */
  ProcessLock lock() {
    Path folder = root.toAbsolutePath().normalize();
    OutputFolder.make(
        folder.resolveSibling(""), "run.folder", "choose another by --set run.folder=DIR");
    try {
      return ProcessLock.tryExclusive(folder)
          .orElseThrow(() ->
              new ConfigException(
                  "The run %s is being trained by another process: wait until it ends, or give this one another name by --set run.name=NAME"
                      .formatted(root)));
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "The run %s cannot be locked against other processes (%s). Give permission to write beside it, or choose another folder by --set run.folder=DIR."
              .formatted(root, UnwritableFileException.reasonOf(failure)),
          failure);
    }
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
    Optional<Path> file = firstFile(root);
    if (file.isPresent()) {
      throw new ConfigException(
          "A run begins in a folder of its own, but %s is no run and holds %s: give another name by --set run.name=NAME"
              .formatted(root, file.get().getFileName()));
    }
  }

  /** A file in a folder, but for hidden ones such as those that a killed process left. */
  private static Optional<Path> firstFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).findFirst();
    }
  }

  /**
   * Refuses a run that has come to something but has lost its checkpoint: going on with it would
   * begin it anew, over what it has.
   *
   * @throws ConfigException naming one thing that it has
   */
  void requireNoResults() throws IOException {
    for (Path result : List.of(best(), last(), captions(), samples(), curves())) {
      if (Files.isDirectory(result) ? firstFile(result).isPresent() : Files.exists(result)) {
        throw withoutCheckpoint(result.getFileName() + "");
      }
    }
    if (new MetricsLog(metrics()).lines().stream().anyMatch(line -> line.has("validation"))) {
      throw withoutCheckpoint("a validated epoch in " + metrics().getFileName());
    }
  }

  private ConfigException withoutCheckpoint(String result) {
    return new ConfigException(
        "The run %s cannot go on: it has %s, but no %s, and would begin anew and replace what it has. Put that file back, or begin another run by --set run.name=NAME"
            .formatted(root, result, checkpoint().getFileName()));
  }

  Path captions() {
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
