package dev.vignette.files;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A folder with all that is in it. */
public final class FolderTree {
  private FolderTree() {}

  /**
   * Deletes a folder with all that is in it, or a file; links are deleted, never followed. Does
   * nothing where there is none.
   *
   * @throws IOException if something cannot be deleted; what came before it is gone
   */
  public static void delete(Path top) throws IOException {
    if (Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(top)) {
        for (Path entry : entries) {
          delete(entry);
        }
      } catch (DirectoryIteratorException failure) {
        throw failure.getCause();
      }
    }
    Files.deleteIfExists(top);
  }
}
