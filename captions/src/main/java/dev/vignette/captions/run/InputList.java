package dev.vignette.captions.run;

import dev.vignette.files.MalformedDataException;
import dev.vignette.files.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Paths of images in a text, one a line, or with NUL characters between them as {@code find
 * -print0} writes them; blank ones do not count.
 */
public final class InputList {
  private InputList() {}

  /**
   * The lines of {@code file}.
   *
   * @throws UsageException if it cannot be read, is no UTF-8 text or has no lines
   */
  public static List<String> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return lines(file.toString(), in);
    } catch (NoSuchFileException failure) {
      throw new UsageException(
          "The list %s does not exist. Check the path.".formatted(file), failure);
    } catch (IOException failure) {
      throw unreadable(file.toString(), failure);
    }
  }

  /** The lines of the standard input {@code in}, as {@link #read} reads a file's. */
  public static List<String> readStandardInput(InputStream in) {
    try {
      return lines("on the standard input", in);
    } catch (IOException failure) {
      throw unreadable("on the standard input", failure);
    }
  }

  private static List<String> lines(String where, InputStream in) throws IOException {
    List<String> lines;
    try {
      String text = TextFile.read("The list " + where, in);
      lines =
          (text.indexOf('\0') < 0 ? text.lines() : Arrays.stream(text.split("\0", -1)))
              .filter(line -> !line.isBlank())
              .toList();
    } catch (MalformedDataException failure) {
      throw new UsageException(String.valueOf(failure.getMessage()), failure);
    }
    if (lines.isEmpty()) {
      throw new UsageException(
          "The list %s names no image. Write one path a line.".formatted(where));
    }
    return lines;
  }

  private static UsageException unreadable(String where, IOException failure) {
    return new UsageException(
        "The list %s cannot be read (%s). Write it as UTF-8 text, one path a line."
            .formatted(
                where,
                failure instanceof AccessDeniedException ? "no permission" : failure.getMessage()),
        failure);
  }
}
