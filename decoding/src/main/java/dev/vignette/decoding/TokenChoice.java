package dev.vignette.decoding;

/** Picks a token from scores. */
sealed interface TokenChoice permits GreedyChoice, SampledChoice {

  /**
   * @param scores (vocabulary) logits after the rules
   * @return a token id
   */
  int choose(float[] scores);
}
