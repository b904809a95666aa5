package dev.vignette.cli.run;

import dev.vignette.captions.run.UsageException;
import dev.vignette.files.MarkedPng;
import dev.vignette.files.OwnFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files that a command names itself in its {@code --output} folder, and those that the user
 * names, looked at before any work: it replaces those that it wrote, and nobody else's.
 */
public final class OwnedFiles {
  private OwnedFiles() {}

  /**
   * Checks that nothing of anybody's is lost when {@code file} is written.
   *
   * @param marks texts near the beginning of every such file; see {@link OwnFile#isFree}
   * @throws UsageException if somebody else's file of that name is there
   * @throws UncheckedIOException if it cannot be read
   */
  public static void require(Path file, String... marks) {
    require(file, () -> OwnFile.isFree(file, marks));
  }

  /** As {@link #require}, of a picture that {@link MarkedPng#write} writes. */
  public static void requirePng(Path file) {
    require(file, () -> MarkedPng.isFree(file));
  }

  /** Whether a file of this program may be written in a place; see {@link OwnFile#isFree}. */
  @FunctionalInterface
  public interface FreePlace {
    boolean isFree(Path file) throws IOException;
  }

  /**
   * Checks that a file that the user names is an earlier output of the same option, or nothing is
   * lost when it is written: pipes and devices are no files.
   *
   * @param option that names it
   * @param file the output; nothing is checked where it is null
   * @throws UsageException if somebody else's file is there, or another output of this program
   * @throws UncheckedIOException if it cannot be read
   */
  public static void requireNamed(String option, @Nullable Path file, FreePlace place) {
    if (file == null || !Files.isRegularFile(file)) {
      return;
    }
    try {
      if (!place.isFree(file)) {
        throw new UsageException(
            "%s would replace %s, which this program did not write (it is no earlier output of %s). Give another name, or move it away."
                .formatted(option, file, option));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "%s cannot be read (%s), and is only replaced where this program wrote it. Give permission to read it, or another %s."
              .formatted(file, failure.getMessage(), option),
          failure);
    }
  }

  private interface FreeCheck {
    boolean isFree() throws IOException;
  }

  private static void require(Path file, FreeCheck check) {
    try {
      if (!check.isFree()) {
        throw new UsageException(
            "--output would replace %s, which this program did not write. Give another folder, or move the file away."
                .formatted(file));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "%s cannot be read (%s), and is only replaced where this program wrote it. Give permission to read it, or another --output."
              .formatted(file, failure.getMessage()),
          failure);
    }
  }
}
