package dev.vignette.decoding.search;

import dev.vignette.decoding.GenerationConfig;

/**
 * What the configuration forbids or makes less likely given the tokens so far, the prompt included:
 * Hugging Face's repetition penalty, no-repeat n-grams and minimum length, in the order in which
 * {@code transformers} applies them.
 */
final class TokenRules {

  private final GenerationConfig config;
  private final int[] prompt;
  private final int[] endTokens;

  /**
   * @param prompt the prompt's tokens; places that are not text are -1
   * @param endTokens the tokens that end a text
   */
  TokenRules(GenerationConfig config, int[] prompt, int[] endTokens) {
    this.config = config;
    this.prompt = prompt.clone();
    this.endTokens = endTokens.clone();
  }

  /** Whether {@link #apply} would change anything at this length. */
  boolean areActive(int generated) {
    return config.repetitionPenalty() != 1
        || config.noRepeatNgramSize() > 0
        || generated < config.minNewTokens();
  }

  /**
   * Changes scores (logits, or log-probabilities under beam search) in place.
   *
   * @param generated the tokens after the prompt; the first {@code count} count
   */
  void apply(float[] scores, int[] generated, int count) {
    if (config.repetitionPenalty() != 1) {
      penalizeRepetition(scores, generated, count);
    }
    if (config.noRepeatNgramSize() > 0) {
      forbidRepeatedNgrams(scores, generated, count);
    }
    if (count < config.minNewTokens()) {
      for (int token : endTokens) {
        scores[token] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** That the rules forbid every token. */
  static IllegalStateException nothingLeft() {
    return new IllegalStateException(
        "no token can follow: the rules forbid every token; relax no_repeat_ngram_size");
  }

  private int tokenAt(int[] generated, int i) {
    return i < prompt.length ? prompt[i] : generated[i - prompt.length];
  }

  private void penalizeRepetition(float[] scores, int[] generated, int count) {
    boolean[] seen = new boolean[scores.length];
    float penalty = (float) config.repetitionPenalty();
    for (int i = 0; i < prompt.length + count; i++) {
      int token = tokenAt(generated, i);
      if (token >= 0 && !seen[token]) {
        seen[token] = true;
        scores[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty;
      }
    }
  }

  private void forbidRepeatedNgrams(float[] scores, int[] generated, int count) {
    int length = prompt.length + count;
    int context = config.noRepeatNgramSize() - 1;
    for (int start = 0; start + context < length; start++) {
      int next = tokenAt(generated, start + context);
      if (next >= 0 && repeatsEnding(generated, start, length - context, context)) {
        scores[next] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** Whether the {@code context} tokens from {@code start} are those from {@code ending}. */
  private boolean repeatsEnding(int[] generated, int start, int ending, int context) {
    if (ending < 0) {
      return false;
    }
    for (int i = 0; i < context; i++) {
      if (tokenAt(generated, start + i) != tokenAt(generated, ending + i)) {
        return false;
      }
    }
    return true;
  }
}
