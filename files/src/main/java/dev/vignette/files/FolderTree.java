package dev.vignette.files;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Pattern;

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

  /**
   * Deletes the folders that killed processes left in a folder, as far as they can be deleted;
   * those of running processes stay.
   *
   * @param names of such folders; the first group is the number of the process
   */
  public static void deleteAbandoned(Path folder, Pattern names) {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder, one -> isAbandoned(one, names))) {
      for (Path one : found) {
        delete(one);
      }
    } catch (IOException | DirectoryIteratorException failure) {
      System.getLogger(FolderTree.class.getName())
          .log(System.Logger.Level.DEBUG, "Not all can be deleted in " + folder, failure);
    }
  }

  private static boolean isAbandoned(Path one, Pattern names) {
    return Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS)
        && AtomicFile.isOfKilledProcess(one, names);
  }
}
