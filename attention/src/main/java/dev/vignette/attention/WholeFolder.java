package dev.vignette.attention;

import dev.vignette.files.UnwritableFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Folders that appear whole or not at all: they are filled beside their place, then renamed. One
 * that is replaced is moved aside first, and back if the new one cannot take its place.
 */
final class WholeFolder {
  private WholeFolder() {}

  /** Fills a folder. */
  interface Content {
    /** Writes everything into a new, empty folder. */
    void writeTo(Path folder) throws IOException;
  }

  /**
   * Writes a folder; its parents are made where they are missing.
   *
   * @param names what {@code content} writes; an old folder that holds anything else stays
   * @throws IllegalArgumentException if there is such an old folder, or a file in its place
   * @throws UnwritableFileException if it cannot be written; what was there before is unchanged
   */
  static void write(Path folder, List<String> names, Content content) {
    try {
      Path target =
          Files.exists(folder) ? folder.toRealPath() : folder.toAbsolutePath().normalize();
      requireOurs(target, names);
      Path parent = Optional.ofNullable(target.getParent()).orElse(target);
      Files.createDirectories(parent);
      Path scratch = Files.createTempDirectory(parent, ".attention-");
      try {
        Path filled = Files.createDirectory(scratch.resolve("new"));
        content.writeTo(filled);
        replace(target, filled, scratch.resolve("old"));
      } finally {
        delete(scratch);
      }
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be written (%s). What was there before is unchanged: make room or give permission, or choose another place."
              .formatted(folder, failure),
          failure);
    }
  }

  private static void requireOurs(Path target, List<String> names) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new IllegalArgumentException(
          target + " is a file, but should be a folder: choose another place");
    }
    try (Stream<Path> entries = Files.list(target)) {
      Optional<String> other =
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> !names.contains(name))
              .sorted()
              .findFirst();
      if (other.isPresent()) {
        throw new IllegalArgumentException(
            "%s is written whole, and would lose %s that is in it: choose a new or empty folder, or one that holds only %s"
                .formatted(target, other.get(), String.join(", ", names)));
      }
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

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
