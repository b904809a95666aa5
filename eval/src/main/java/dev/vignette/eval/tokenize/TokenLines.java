package dev.vignette.eval.tokenize;

import java.util.ArrayList;
import java.util.List;
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

  private final List<String> lines = new ArrayList<>();
  private final List<Integer> starts = new ArrayList<>();
  private final StringBuilder line = new StringBuilder();
  private int start;

  @Override
  public void token(String written) {
    if (!line.isEmpty()) {
      line.append(' ');
    }
    line.append(written);
  }

  @Override
  public void lineEnd(int next) {
    finish();
    start = next;
  }

  /** The lines, when all tokens were received; the text's last line needs no end. */
  List<String> lines() {
    return lines;
  }

  /** Where in the text each line starts. */
  List<Integer> starts() {
    return starts;
  }

  /** Ends the last line. */
  void finish() {
    // A quoted line feed within a tag is part of its token, yet it ends a line for the reference.
    for (String printed : line.toString().split("\n", -1)) {
      lines.add(withoutPunctuation(stripRight(printed).toLowerCase(Locale.ENGLISH)));
      starts.add(start);
    }
    line.setLength(0);
  }

  private static String withoutPunctuation(String line) {
    StringBuilder kept = new StringBuilder(line.length());
    int from = 0;
    while (from < line.length()) {
      int space = line.indexOf(' ', from);
      int end = space < 0 ? line.length() : space;
      if (end - from > LONGEST_PUNCTUATION || !PUNCTUATION.contains(line.substring(from, end))) {
        if (!kept.isEmpty()) {
          kept.append(' ');
        }
        kept.append(line, from, end);
      }
      from = end + 1;
    }
    return kept.toString();
  }

  private static String stripRight(String line) {
    int end = line.length();
    while (end > 0 && Words.isSpace(line.charAt(end - 1))) {
      end--;
    }
    return line.substring(0, end);
  }
}
