package dev.vignette.files;

import dev.vignette.files.faults.UnwritableFileException;
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
      return Files.createDirectories(folder);
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s %s cannot be made (%s): %s".formatted(name, folder, reason(failure), remedy),
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
