package dev.vignette.captions.run;

/**
 * One generated token.
 *
 * @param id its number in the vocabulary, 0 or more
 * @param logProbability the natural logarithm of its probability under the model, finite
 */
public record ScoredToken(int id, float logProbability) {
  /** Checks the ranges. */
  public ScoredToken {
    if (id < 0) {
      throw new IllegalArgumentException("A token id is 0 or more, but is " + id);
    }
    if (!Float.isFinite(logProbability)) {
      throw new IllegalArgumentException(
          "The log-probability of token %d should be finite, but is %s"
              .formatted(id, logProbability));
    }
  }
}
