package dev.vignette.files;

import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Texts that people write: UTF-8, with or without the byte order mark that some editors put at the
 * head. What is no UTF-8 is refused rather than guessed at.
 */
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final char UNDECODABLE = '\uFFFD';
  private static final int ONE_BYTE = 0xFF;

  /** Two million paths; a device such as /dev/zero has no end. */
  private static final int MOST_BYTES = 256 << 20;

  private TextFile() {}

  /**
   * Reads a file, without its byte order mark.
   *
   * @throws MalformedDataException if it is not UTF-8, saying where
   * @throws IOException if it cannot be read
   */
  public static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in);
    }
  }

  /**
   * Reads all of {@code in}, which stays open.
   *
   * @param name what the complaint calls the text
   * @throws MalformedDataException if it is not UTF-8, saying where, or has no end
   */
  public static String read(String name, InputStream in) throws IOException {
    return decode(name, bytes(name, in));
  }

  /**
   * Reads the entries of a list: lines, or what stands between NUL characters. The names of files
   * are bytes: where a few of the entries are no UTF-8, these have U+FFFD for what they lack.
   *
   * @throws MalformedDataException if most are no UTF-8, or it is as {@link #read} refuses it
   */
  public static List<String> entries(String name, InputStream in) throws IOException {
    byte[] bytes = bytes(name, in);
    try {
      return split(decode(name, bytes));
    } catch (MalformedDataException failure) {
      List<String> entries = split(new String(bytes, StandardCharsets.UTF_8));
      long bad = entries.stream().filter(entry -> entry.indexOf(UNDECODABLE) >= 0).count();
      if (isUtf16(bytes) || 2 * bad > entries.size()) {
        throw failure;
      }
      return entries;
    }
  }

  private static List<String> split(String text) {
    return (text.indexOf('\0') < 0 ? text.lines() : Arrays.stream(text.split("\0", -1)))
        .filter(entry -> !entry.isBlank())
        .toList();
  }

  private static byte[] bytes(String name, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new MalformedDataException(
          "%s is longer than the %d MB that a text may have. Is it the file that was meant?"
              .formatted(name, MOST_BYTES >> 20));
    }
    return bytes;
  }

  private static boolean isUtf16(byte[] bytes) {
    return startsWith(bytes, 0xFF, 0xFE) || startsWith(bytes, 0xFE, 0xFF);
  }

  private static String decode(String name, byte[] bytes) {
    if (isUtf16(bytes)) {
      throw new MalformedDataException(
          "%s is UTF-16, not UTF-8 text. Save it as UTF-8.".formatted(name));
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length); // a character takes one byte or more
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new MalformedDataException(
          "%s, line %d: this is not UTF-8 text (the byte 0x%02X). Save it as UTF-8."
              .formatted(name, lineOf(bytes, in.position()), bytes[in.position()] & ONE_BYTE));
    }
    out.flip();
    boolean marked = !out.isEmpty() && out.get(0) == BYTE_ORDER_MARK;
    return marked ? out.subSequence(1, out.length()).toString() : out.toString();
  }

  private static boolean startsWith(byte[] bytes, int first, int second) {
    return bytes.length >= 2 && (bytes[0] & ONE_BYTE) == first && (bytes[1] & ONE_BYTE) == second;
  }

  private static int lineOf(byte[] bytes, int position) {
    int line = 1;
    for (int i = 0; i < position; i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    return line;
  }
}
