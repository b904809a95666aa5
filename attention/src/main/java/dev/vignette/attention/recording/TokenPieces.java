package dev.vignette.attention.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Tokens to the text that each of them adds. */
public final class TokenPieces {
  /** What decoding leaves where a character is not complete. */
  private static final char INCOMPLETE = '\uFFFD';

  private TokenPieces() {}

  /**
   * The text of each token, with the space before it; a character of several tokens belongs to the
   * last of them, and the others are empty.
   *
   * @param decode any first part of the tokens to text
   */
  public static List<String> of(int[] tokens, Function<int[], String> decode) {
    List<String> pieces = new ArrayList<>();
    int told = 0;
    for (int count = 1; count <= tokens.length; count++) {
      String text = decode.apply(Arrays.copyOf(tokens, count));
      int end = text.length();
      if (count < tokens.length) {
        while (end > 0 && text.charAt(end - 1) == INCOMPLETE) {
          end--;
        }
      }
      pieces.add(end > told ? text.substring(told, end) : "");
      told = Math.max(told, end);
    }
    return List.copyOf(pieces);
  }
}
