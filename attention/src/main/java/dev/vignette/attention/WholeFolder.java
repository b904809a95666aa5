package dev.vignette.attention;

import dev.vignette.files.FolderTree;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Folders that appear whole or not at all: they are filled beside their place, then renamed. One
 * that is replaced is moved aside first, and back if the new one cannot take its place.
 */
final class WholeFolder {
  /** Where a process fills a folder; the group is its number. */
  private static final Pattern SCRATCH = Pattern.compile("\\.attention-(\\d{1,18})-\\d+");

  private WholeFolder() {}

  /** Fills a folder. */
  interface Content {
    /** Writes everything into a new, empty folder. */
    void writeTo(Path folder) throws IOException;
  }

  /** Tells what this program wrote from what is somebody else's. */
  interface Ownership {
    /** Returns something in {@code folder} that this program did not write; empty if all is. */
    Optional<Path> foreign(Path folder) throws IOException;
  }

  /**
   * Writes a folder; its parents are made where they are missing.
   *
   * @param own judges what an old folder holds: one with anything of somebody else's stays
   * @throws IllegalArgumentException if there is such an old folder, or a file in its place
   * @throws UnwritableFileException if it cannot be written; what was there before is unchanged
   */
  static void write(Path folder, Ownership own, Content content) {
    try {
      requireFree(folder, own);
      Path target =
          Files.exists(folder) ? folder.toRealPath() : folder.toAbsolutePath().normalize();
      Path parent = Optional.ofNullable(target.getParent()).orElse(target);
      Files.createDirectories(parent);
      deleteAbandoned(parent);
      Path scratch =
          Files.createTempDirectory(
              parent, ".attention-%d-".formatted(ProcessHandle.current().pid()));
      try {
        Path filled = Files.createDirectory(scratch.resolve("new"));
        content.writeTo(filled);
        replace(target, filled, scratch.resolve("old"));
      } finally {
        FolderTree.delete(scratch);
      }
    } catch (IOException failure) {
      throw unwritten(folder, failure);
    } catch (UnwritableFileException inner) { // names a place that is gone by now
      throw unwritten(folder, Objects.requireNonNull(inner.getCause()));
    }
  }

  /** Deletes what killed processes were filling, but for what one had moved aside. */
  private static void deleteAbandoned(Path parent) {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, WholeFolder::isAbandoned)) {
      for (Path folder : left) {
        FolderTree.delete(folder);
      }
    } catch (IOException | DirectoryIteratorException _) {
      // It is in nobody's way.
    }
  }

  private static boolean isAbandoned(Path folder) {
    Matcher name = SCRATCH.matcher(folder.getFileName().toString());
    return name.matches()
        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.notExists(folder.resolve("old"))
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
  }

  private static UnwritableFileException unwritten(Path folder, IOException failure) {
    return new UnwritableFileException(
        "%s cannot be written (%s). What was there before is unchanged: make room or give permission, or choose another place."
            .formatted(folder, UnwritableFileException.reasonOf(failure)),
        failure);
  }

  /**
   * Checks that nothing of anybody's is lost when {@code folder} is written.
   *
   * @throws IllegalArgumentException naming what would be
   * @throws IOException if it cannot be looked into
   */
  static void requireFree(Path folder, Ownership own) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          folder + " is a file, but should be a folder: choose another place");
    }
    Optional<Path> foreign = own.foreign(folder);
    if (foreign.isPresent()) {
      throw new IllegalArgumentException(
          "%s is written whole, and would lose %s, which this program did not write there: choose a new or empty folder, or one of an earlier run"
              .formatted(folder, folder.relativize(foreign.get())));
    }
  }

  private static void replace(Path target, Path filled, Path aside) throws IOException {
    if (!Files.exists(target)) {
      Files.move(filled, target, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(filled, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      throw failure;
    }
  }
}
