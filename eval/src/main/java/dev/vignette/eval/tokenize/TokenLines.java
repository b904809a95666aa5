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
  private boolean endsInPunctuation;
  private int start;

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
    String tokens = line.toString().toLowerCase(Locale.ENGLISH);
    line.setLength(0);
    // A quoted line feed within a tag is part of its token, yet it ends a line for the reference.
    int from = 0;
    for (int feed = tokens.indexOf('\n'); feed >= 0; feed = tokens.indexOf('\n', from)) {
      add(stripRight(tokens.substring(from, feed)));
      from = feed + 1;
    }
    String last = from == 0 ? tokens : tokens.substring(from);
    add(endsInPunctuation ? last : stripRight(last));
    endsInPunctuation = false;
  }

  private void add(String tokens) {
    lines.add(tokens);
    starts.add(start);
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
