package dev.vignette.eval.tokenize;

import java.util.Locale;
import java.util.Set;

/**
 * Tokens as pycocoevalcap's {@code ptbtokenizer.py} leaves them: printed with spaces between, in
 * lower case, split at line feeds, stripped at the right, then rid of its list of punctuation.
 */
final class TokenLines implements TokenSink {
  /**
   * The reference compares after lower-casing, so that its {@code -LRB-} and its like never match
   * and brackets stay; they are left out here.
   */
  private static final Set<String> PUNCTUATION =
      Set.of("''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";");

  private static final int LONGEST_PUNCTUATION = 3;

  /** Receives lines. */
  @FunctionalInterface
  interface Lines {
    /** A line's tokens, and where in the text the line starts. */
    void line(String tokens, long start);
  }

  private final Lines lines;
  private final StringBuilder line = new StringBuilder();
  private boolean endsInPunctuation;
  private long start;

  TokenLines(Lines lines) {
    this.lines = lines;
  }

  @Override
  public void token(String written) {
    endsInPunctuation = written.length() <= LONGEST_PUNCTUATION && PUNCTUATION.contains(written);
    if (!endsInPunctuation) {
      if (!line.isEmpty()) {
        line.append(' ');
      }
      line.append(written);
    }
  }

  @Override
  public void lineEnd(long next) {
    finish();
    start = next;
  }

  /** Ends a line; call it after the last token, since a text's last line needs no end. */
  void finish() {
    String tokens = line.toString().toLowerCase(Locale.ENGLISH);
    line.setLength(0);
    // A quoted line feed within a tag is part of its token, yet it ends a line for the reference.
    int from = 0;
    for (int feed = tokens.indexOf('\n'); feed >= 0; feed = tokens.indexOf('\n', from)) {
      lines.line(stripRight(tokens.substring(from, feed)), start);
      from = feed + 1;
    }
    String last = from == 0 ? tokens : tokens.substring(from);
    lines.line(endsInPunctuation ? last : stripRight(last), start);
    endsInPunctuation = false;
  }

  /** What Python's {@code rstrip} leaves: the last token may be an address that ends in a space. */
  private static String stripRight(String line) {
    int end = line.length();
    while (end > 0 && Words.isSpace(line.charAt(end - 1))) {
      end--;
    }
    return line.substring(0, end);
  }
}
