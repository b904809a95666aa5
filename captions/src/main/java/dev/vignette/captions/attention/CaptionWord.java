package dev.vignette.captions.attention;

import java.util.ArrayList;
import java.util.List;

/**
 * A word of a caption and the tokens it is made of.
 *
 * @param text without the space before it
 * @param from first token
 * @param to the token after its last
 * @param punctuation whether it holds neither letter nor digit
 */
public record CaptionWord(String text, int from, int to, boolean punctuation) {

  /**
   * The words of a caption. A token that begins with a space begins a word; punctuation at the end
   * of a word is one of its own where it is a token of its own, so {@code " don", "'", "t", "."} is
   * {@code don't} and a full stop.
   *
   * @param pieces (tokens) text of each token, with the space before it; empty where several tokens
   *     make one character
   */
  public static List<CaptionWord> of(List<String> pieces) {
    List<CaptionWord> words = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= pieces.size(); i++) {
      if (i == pieces.size() || beginsWithSpace(pieces.get(i))) {
        addRun(pieces, from, i, words);
        from = i;
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
    add(pieces, from, first, words);
    add(pieces, first, last, words);
    add(pieces, last, to, words);
  }

  private static void add(List<String> pieces, int from, int to, List<CaptionWord> words) {
    String text = String.join("", pieces.subList(from, to)).strip();
    if (!text.isEmpty()) {
      words.add(new CaptionWord(text, from, to, !hasWordCharacter(text)));
    }
  }

  private static boolean beginsWithSpace(String piece) {
    return !piece.isEmpty() && Character.isWhitespace(piece.charAt(0));
  }

  private static boolean hasWordCharacter(String text) {
    return text.codePoints().anyMatch(Character::isLetterOrDigit);
  }
}
