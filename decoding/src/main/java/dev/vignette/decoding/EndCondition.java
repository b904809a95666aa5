package dev.vignette.decoding;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** When a text is over: at an end token, or when a stop string appears in it. */
public final class EndCondition {

  private final int[] endTokens;
  private final List<String> stopStrings;
  private final Function<int[], String> text;

  /**
   * @param endTokens the tokens that end a text
   * @param stopStrings strings that end it
   * @param text tokens to text; called only when there are stop strings
   */
  public EndCondition(int[] endTokens, List<String> stopStrings, Function<int[], String> text) {
    this.endTokens = endTokens.clone();
    this.stopStrings = List.copyOf(stopStrings);
    this.text = text;
  }

  int[] endTokens() {
    return endTokens.clone();
  }

  /** How many tokens end a text. */
  int endTokenCount() {
    return endTokens.length;
  }

  boolean isEndToken(int token) {
    for (int end : endTokens) {
      if (end == token) {
        return true;
      }
    }
    return false;
  }

  /** Whether the first {@code count} tokens, the last one new, hold a stop string. */
  boolean stopsAt(int[] tokens, int count) {
    if (stopStrings.isEmpty()) {
      return false;
    }
    String all = text.apply(Arrays.copyOf(tokens, count));
    return stopStrings.stream().anyMatch(all::contains);
  }
}
