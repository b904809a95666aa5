package dev.vignette.attention;

import dev.vignette.files.FolderTree;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Folders that appear whole or not at all: they are filled beside their place, then renamed. One
 * that is replaced is moved aside first, and back if the new one cannot take its place.
 */
final class WholeFolder {
  /** How the names of folders begin in which one is filled. */
  private static final String SCRATCH = ".attention-";

  private static final String FILLED = "new";

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
      Path scratch = Files.createTempDirectory(parent, SCRATCH);
      try (ProcessLock _ = ProcessLock.exclusive(scratch.resolve(FILLED))) {
        fill(scratch, target, content);
      }
    } catch (IOException failure) {
      throw unwritten(folder, failure);
    } catch (UnwritableFileException inner) { // names a place that is gone by now
      throw unwritten(folder, Objects.requireNonNull(inner.getCause()));
    }
  }

  private static void fill(Path scratch, Path target, Content content) throws IOException {
    try {
      Path filled = Files.createDirectory(scratch.resolve(FILLED));
      content.writeTo(filled);
      replace(target, filled, scratch.resolve("old"));
    } finally {
      FolderTree.delete(scratch);
    }
  }

  /**
   * Deletes what killed processes were filling: folders of our own form that nobody holds, on this
   * machine or in a container of it. What one had moved aside stays.
   */
  private static void deleteAbandoned(Path parent) {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, SCRATCH + "*")) {
      for (Path folder : left) {
        if (isOurs(folder)) {
          ProcessLock.tryExclusive(folder.resolve(FILLED))
              .ifPresent(lock -> deleteAbandoned(folder, lock));
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      // It is in nobody's way.
    }
  }

  private static void deleteAbandoned(Path folder, ProcessLock held) {
    try (held) {
      FolderTree.delete(folder);
    } catch (IOException failure) {
      throw new DirectoryIteratorException(failure);
    }
  }

  /** Whether a folder holds what is filled with its lock, and nothing else. */
  private static boolean isOurs(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    }
    String lock = String.valueOf(ProcessLock.fileOf(folder.resolve(FILLED)).getFileName());
    return names.contains(lock) && Set.of(FILLED, lock).containsAll(names);
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
