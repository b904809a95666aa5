package dev.vignette.eval.tokenize;

import java.util.ArrayList;
import java.util.List;

/** A line of tokens as words, in the two ways in which the reference's metrics split it. */
public final class Words {
  private Words() {}

  /**
   * Whether Python counts a character as white space: also the no-break spaces, which Java does
   * not.
   */
  public static boolean isSpace(char c) {
    return Character.isWhitespace(c)
        || c == '\u0085'
        || c == '\u00a0'
        || c == '\u2007'
        || c == '\u202f';
  }

  /** Python's {@code split()}, of CIDEr and BLEU: at any white space, never an empty word. */
  public static List<String> atAnySpace(String line) {
    List<String> words = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= line.length(); i++) {
      if (i == line.length() || isSpace(line.charAt(i))) {
        if (i > from) {
          words.add(line.substring(from, i));
        }
        from = i + 1;
      }
    }
    return words;
  }

  /** Python's {@code split(" ")}, of ROUGE: an empty line is one empty word. */
  public static List<String> atSpaces(String line) {
    List<String> words = new ArrayList<>();
    int from = 0;
    for (int i = line.indexOf(' '); i >= 0; i = line.indexOf(' ', from)) {
      words.add(line.substring(from, i));
      from = i + 1;
    }
    words.add(line.substring(from));
    return words;
  }
}
