package dev.vignette.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Folders that outputs go to. */
public final class OutputFolder {
  private OutputFolder() {}

  /**
   * Makes a folder and its parents where they are missing.
   *
   * @return the folder
   * @throws UnwritableFileException naming the folder, if it cannot be made
   */
  public static Path make(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "The folder %s cannot be made (%s). Give permission, or choose another place."
              .formatted(folder, reason(failure)),
          failure);
    }
  }

  /** Where nothing can be made, as in {@code /proc}, Linux says that there is nothing. */
  private static String reason(IOException failure) {
    return failure instanceof NoSuchFileException
        ? "the file system takes none there"
        : UnwritableFileException.reasonOf(failure);
  }
}
