package dev.vignette.weights.gguf;

import java.util.Locale;

/** How values taken from a file, which may be rubbish, appear in messages. */
final class Wording {

  private static final int LONGEST_QUOTE = 60;

  private Wording() {}

  /** An unsigned number with its digits in groups of three. */
  static String number(long unsigned) {
    return unsigned >= 0
        ? String.format(Locale.ROOT, "%,d", unsigned)
        : Long.toUnsignedString(unsigned);
  }

  /** A text in single quotes, shortened, with what does not print replaced by question marks. */
  static String quoted(String text) {
    String shown = text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
    return "'" + shown.replaceAll("[^\\p{Print}\\p{L}]", "?") + "'";
  }
}
