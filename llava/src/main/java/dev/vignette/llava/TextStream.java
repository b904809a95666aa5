package dev.vignette.llava;

import dev.vignette.llama.Vocabulary;
import java.util.Arrays;
import java.util.function.Consumer;

/** Tokens to the text so far: told whenever a token completes a character. */
final class TextStream {

  /** What decoding leaves where a character is not complete. */
  private static final char INCOMPLETE = '\uFFFD';

  private final Vocabulary vocabulary;
  private final Consumer<String> listener;
  private int[] tokens = new int[16];
  private int count;

  TextStream(Vocabulary vocabulary, Consumer<String> listener) {
    this.vocabulary = vocabulary;
    this.listener = listener;
  }

  void accept(int token) {
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    String text = vocabulary.detokenize(Arrays.copyOf(tokens, count));
    if (text.isEmpty() || text.charAt(text.length() - 1) != INCOMPLETE) {
      listener.accept(text.stripLeading());
    }
  }
}
