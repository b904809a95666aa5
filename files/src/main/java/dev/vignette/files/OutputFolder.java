package dev.vignette.files;

import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Folders that outputs go to. */
public final class OutputFolder {
  private OutputFolder() {}

  /**
   * Makes a folder and its parents where they are missing.
   *
   * @return the folder
   * @throws UnwritableFileException naming the folder, if it cannot be made or nothing in it
   */
  public static Path make(Path folder) {
    return make(folder, "The folder", "give permission, or choose another place");
  }

  /**
   * The same of a folder that a setting names.
   *
   * @param name what to call the folder
   * @param remedy what to do where it cannot be made
   */
  public static Path make(Path folder, String name, String remedy) {
    try {
      Files.createDirectories(folder);
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s %s cannot be made (%s): %s".formatted(name, folder, reason(failure), remedy),
          failure);
    }
    if (!Files.isWritable(folder)) {
      throw new UnwritableFileException(
          "%s %s cannot be written (no permission, or a read-only file system): %s"
              .formatted(name, folder, remedy),
          new AccessDeniedException(folder.toString()));
    }
    return folder;
  }

  /**
   * Makes a folder and takes it for this process, until the lock is closed: two that write several
   * files each into one folder would leave some of the one and some of the other.
   *
   * @param file the name of what the folder is written for; the lock lies beside it
   * @throws IllegalArgumentException if another process or thread has the folder
   * @throws UnwritableFileException naming the folder, if it cannot be made or written
   */
  public static ProcessLock take(Path folder, String file) {
    make(folder);
    try {
      return ProcessLock.tryExclusive(folder.resolve(file))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "%s is being written by another process, and two would mix their files: wait until it ends, or choose another folder"
                      .formatted(folder)));
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be held against other processes by %s (%s): give permission, move away what is in the way, or choose another folder"
              .formatted(
                  folder,
                  ProcessLock.fileOf(folder.resolve(file)),
                  UnwritableFileException.reasonOf(failure)),
          failure);
    }
  }

  /**
   * Refuses a folder whose disk has less free than is needed.
   *
   * @param bytes about how many
   * @param what what takes them, as the end of a sentence
   * @throws UnwritableFileException naming the folder, what it has and what is needed
   */
  public static void requireSpace(Path folder, long bytes, String what) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < bytes) {
      String tooLittle =
          "%s has %s free, but about %s are needed%s; free some, or name a folder on another disk"
              .formatted(folder, megabytes(free), megabytes(bytes), what);
      throw new UnwritableFileException(tooLittle, new IOException(tooLittle));
    }
  }

  /** A number of bytes as people read it. */
  public static String megabytes(long bytes) {
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }

  /** Where nothing can be made, as in {@code /proc}, Linux says that there is nothing. */
  private static String reason(IOException failure) {
    return failure instanceof NoSuchFileException
        ? "the file system takes none there"
        : UnwritableFileException.reasonOf(failure);
  }
}
