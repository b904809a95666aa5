package dev.vignette.llava;

import dev.vignette.llama.Vocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tokens to the text so far: told whenever a token completes a character. What may turn out not to
 * belong to the text, such as the beginning of a stop string or a space at the end, is held back
 * until it is known.
 */
final class TextStream {

  /** What decoding leaves where a character is not complete. */
  private static final char INCOMPLETE = '\uFFFD';

  private final Vocabulary vocabulary;
  private final List<String> stopStrings;
  private final Consumer<String> listener;
  private int[] tokens = new int[16];
  private int count;

  TextStream(Vocabulary vocabulary, List<String> stopStrings, Consumer<String> listener) {
    this.vocabulary = vocabulary;
    this.stopStrings = List.copyOf(stopStrings);
    this.listener = listener;
  }

  void accept(int token) {
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    String text = vocabulary.detokenize(Arrays.copyOf(tokens, count));
    if (text.isEmpty() || text.charAt(text.length() - 1) != INCOMPLETE) {
      listener.accept(certain(text, stopStrings).strip());
    }
  }

  /** Tells the whole text at the end. */
  void finish(String text) {
    listener.accept(text);
  }

  /** The part of a text that stays, whatever comes next. */
  static String certain(String text, List<String> stopStrings) {
    int end = text.length();
    for (String stop : stopStrings) {
      int at = text.indexOf(stop);
      end = Math.min(end, at < 0 ? beginning(text, stop) : at);
    }
    return text.substring(0, end);
  }

  /** Where the longest end of the text begins that a stop string begins with. */
  private static int beginning(String text, String stop) {
    int at = Math.max(0, text.length() - stop.length() + 1);
    while (!stop.startsWith(text.substring(at))) {
      at++;
    }
    return at;
  }
}
