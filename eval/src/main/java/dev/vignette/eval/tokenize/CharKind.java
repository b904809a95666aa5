package dev.vignette.eval.tokenize;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The alphabet of the token rules: characters that no rule tells apart share a kind.
 *
 * <p>Every ASCII character is a kind of its own, numbered by its code. Beyond ASCII, {@code
 * char-kinds.txt} lists a few dozen kinds; in a rule any member stands for its whole kind, so that
 * {@code é} means every lower-case or uncased letter beyond ASCII.
 */
final class CharKind {
  private static final int ASCII = 128;

  /** What the tokenizer drops: all units that no line of the list names. */
  private static final int DROPPED = ASCII;

  private static final String LIST = "char-kinds.txt";

  /** By UTF-16 unit; ASCII units are not looked up. */
  private static final byte[] KINDS = new byte[Character.MAX_VALUE + 1];

  /** How many kinds there are: kinds are 0 to {@code COUNT} − 1. */
  static final int COUNT = ASCII + 1 + readList();

  private CharKind() {}

  /** The kind of a UTF-16 unit, 0 to {@link #COUNT} − 1. */
  static int of(char c) {
    return c < ASCII ? c : DROPPED + KINDS[c];
  }

  /** Fills the table and returns how many kinds the list has. */
  private static int readList() {
    Map<String, Byte> numbers = new LinkedHashMap<>();
    try (InputStream in = CharKind.class.getResourceAsStream(LIST)) {
      if (in == null) {
        throw new IllegalStateException(
            LIST + " is missing beside " + CharKind.class.getName() + ": the jar is incomplete");
      }
      var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] fields = line.split(" ", -1);
          byte kind =
              numbers.computeIfAbsent(fields[0], name -> (byte) (numbers.size() + 1)).byteValue();
          for (int i = 1; i < fields.length; i++) {
            fill(fields[i], kind);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(LIST + " cannot be read", e);
    }
    return numbers.size();
  }

  /** Marks a unit {@code hex} or the units {@code hex-hex}. */
  private static void fill(String range, byte kind) {
    int dash = range.indexOf('-');
    int last = Integer.parseInt(range, dash + 1, range.length(), 16);
    int first = dash < 0 ? last : Integer.parseInt(range, 0, dash, 16);
    Arrays.fill(KINDS, first, last + 1, kind);
  }
}
