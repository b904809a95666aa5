package dev.vignette.captions.decoding;

/** The highest score; of equal ones, the lowest id. */
record GreedyChoice() implements TokenChoice {

  @Override
  public int choose(float[] scores) {
    float max = LogSoftmax.max(scores);
    for (int i = 0; max > Float.NEGATIVE_INFINITY && i < scores.length; i++) {
      if (scores[i] == max) {
        return i;
      }
    }
    throw new IllegalStateException(
        "no token can follow: the model's logits are not numbers (a damaged file), or the rules forbid every token (relax no_repeat_ngram_size)");
  }
}
