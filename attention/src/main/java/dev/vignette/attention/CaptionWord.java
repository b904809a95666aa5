package dev.vignette.attention;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A word of a caption and the tokens it is made of.
 *
 * @param text without the space before it
 * @param from first token
 * @param to the token after its last
 * @param punctuation whether it holds neither letter nor digit
 */
public record CaptionWord(String text, int from, int to, boolean punctuation) {

  /** Scripts that put no space between words; there a token begins a word of its own. */
  private static final Set<UnicodeScript> UNSPACED =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  /** Checks that it has tokens. */
  public CaptionWord {
    if (text.isBlank() || from < 0 || to <= from) {
      throw new IllegalArgumentException(
          "A word has a text and tokens, but this is '%s' of the tokens %d to before %d"
              .formatted(text, from, to));
    }
  }

  /**
   * The words of a caption. A token that begins with a space begins a word; punctuation at the end
   * of a word is one of its own where it is a token of its own, so {@code " don", "'", "t", "."} is
   * {@code don't} and a full stop. A token without text belongs to the character that a later one
   * completes.
   *
   * @param pieces (tokens) text of each token, with the space before it; empty where several tokens
   *     make one character, whose text is that of the last of them
   */
  public static List<CaptionWord> of(List<String> pieces) {
    List<CaptionWord> words = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= pieces.size(); i++) {
      if (i == pieces.size() || beginsWord(pieces.get(i))) {
        int to = i == pieces.size() ? i : beforeEmpty(pieces, from, i);
        addRun(pieces, from, to, words);
        from = to;
      }
    }
    return List.copyOf(words);
  }

  /** Adds the tokens between two spaces, punctuation at either end apart. */
  private static void addRun(List<String> pieces, int from, int to, List<CaptionWord> words) {
    int first = from;
    while (first < to && !hasWordCharacter(pieces.get(first))) {
      first++;
    }
    int last = to;
    while (last > first && !hasWordCharacter(pieces.get(last - 1))) {
      last--;
    }
    if (first < to) {
      first = beforeEmpty(pieces, from, first);
    }
    add(pieces, from, first, words);
    add(pieces, first, last, words);
    add(pieces, last, to, words);
  }

  /** The first of the tokens without text that end before {@code at}; {@code at} if none do. */
  private static int beforeEmpty(List<String> pieces, int from, int at) {
    int first = at;
    while (first > from && pieces.get(first - 1).isEmpty()) {
      first--;
    }
    return first;
  }

  private static void add(List<String> pieces, int from, int to, List<CaptionWord> words) {
    String text = String.join("", pieces.subList(from, to)).strip();
    if (!text.isEmpty()) {
      words.add(new CaptionWord(text, from, to, !hasWordCharacter(text)));
    }
  }

  /** Whether a space is before it in the caption. */
  boolean spaced(List<String> pieces) {
    String text = String.join("", pieces.subList(from, to));
    return from > 0
        && (pieces.get(from - 1).isBlank() && !pieces.get(from - 1).isEmpty()
            || Character.isWhitespace(text.charAt(0)));
  }

  private static boolean beginsWord(String piece) {
    return !piece.isEmpty()
        && (Character.isWhitespace(piece.charAt(0))
            || UNSPACED.contains(UnicodeScript.of(piece.codePointAt(0))));
  }

  private static boolean hasWordCharacter(String text) {
    return text.codePoints().anyMatch(Character::isLetterOrDigit);
  }
}
