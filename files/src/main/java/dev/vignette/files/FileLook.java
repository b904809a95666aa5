package dev.vignette.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What tells, without reading it, whether a file was written or replaced since: two looks at a file
 * that stayed as it was are equal.
 *
 * @param size in bytes, -1 if there is none
 * @param modified when its content changed last
 * @param file which file it is, where the system tells
 */
public record FileLook(long size, FileTime modified, @Nullable Object file) {
  private static final FileLook NONE = new FileLook(-1, FileTime.fromMillis(0), null);

  /**
   * Looks at a file, which need not be there.
   *
   * @throws IOException if that is not allowed
   */
  public static FileLook at(Path file) throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileLook(now.size(), now.lastModifiedTime(), now.fileKey());
    } catch (NoSuchFileException _) {
      return NONE;
    }
  }
}
