package dev.vignette.decoding;

import java.util.Arrays;

/**
 * A finished search: the tokens after the prompt and what they cost.
 *
 * @param tokens the generated tokens, without the one that ends the text
 * @param logProbabilities the model's own log-probability of each token of {@code tokens}
 * @param score the sum of the log-probabilities, the end token's included; with beams, the sum
 *     under the generation rules divided by length^lengthPenalty, as Hugging Face's {@code
 *     sequences_scores}
 */
@SuppressWarnings("ArrayRecordComponent") // bulk numbers, copied where they enter
public record Hypothesis(int[] tokens, float[] logProbabilities, double score) {

  public Hypothesis {
    if (tokens.length != logProbabilities.length) {
      throw new IllegalArgumentException(
          "each token has a log-probability, but there are %d and %d"
              .formatted(tokens.length, logProbabilities.length));
    }
    tokens = tokens.clone();
    logProbabilities = logProbabilities.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hypothesis that
        && Arrays.equals(tokens, that.tokens)
        && Arrays.equals(logProbabilities, that.logProbabilities)
        && score == that.score;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + Double.hashCode(score);
  }

  @Override
  public String toString() {
    return "Hypothesis[tokens=%s, score=%s]".formatted(Arrays.toString(tokens), score);
  }
}
