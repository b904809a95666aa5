package dev.vignette.captions;

import java.nio.charset.StandardCharsets;

/** How a file begins, which tells its form. */
final class FileHead {
  /** How much of it is looked at. */
  static final int BYTES = 1 << 10;

  private static final int SHOWN = 40;
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private FileHead() {}

  /** Whether the first character that is no space begins no JSON. */
  static boolean isText(byte[] head) {
    String text = new String(head, StandardCharsets.UTF_8);
    int at = 0;
    while (at < text.length()
        && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == BYTE_ORDER_MARK)) {
      at++;
    }
    return at < text.length() && text.charAt(at) != '{' && text.charAt(at) != '[';
  }

  /** The first line that is not blank, or the beginning of a long one. */
  static String line(String text) {
    String line = text.strip().lines().findFirst().orElse("");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }
}
