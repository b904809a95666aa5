package dev.vignette.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Tells a file that this program wrote from somebody else's of the same name, by texts that its own
 * have near their beginning. What the program names itself, such as the files of an output folder,
 * it replaces only where they are its own.
 */
public final class OwnFile {
  private static final int HEAD_BYTES = 1 << 16;

  private OwnFile() {}

  /**
   * Returns whether nothing of anybody's is lost when {@code file} is written: it is not there, is
   * empty, or has all {@code marks} in its first 64 KiB.
   *
   * @param marks texts in ASCII, at least one
   * @throws IOException if it cannot be read
   */
  public static boolean isFree(Path file, String... marks) throws IOException {
    if (marks.length == 0) {
      throw new IllegalArgumentException(
          "A file is known by one mark or more, but %s by none".formatted(file));
    }
    if (!Files.exists(file)) {
      // A link that leads nowhere would be followed to a place that nobody named.
      return !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
    if (!Files.isRegularFile(file)) {
      return false;
    }
    String head = head(file);
    return head.isEmpty() || Arrays.stream(marks).allMatch(head::contains);
  }

  /**
   * As {@link #isFree}, of files that all begin with one text: a mark that is further down, such as
   * in notes about such files, is none.
   *
   * @param beginning a text in ASCII
   * @throws IOException if it cannot be read
   */
  public static boolean isFreeOrBegins(Path file, String beginning) throws IOException {
    return isFree(file, beginning)
        && (!Files.exists(file) || head(file).isEmpty() || head(file).startsWith(beginning));
  }

  private static String head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(HEAD_BYTES), StandardCharsets.ISO_8859_1);
    }
  }
}
