package dev.vignette.captions.decoding;

/** The highest score; of equal ones, the lowest id. */
record GreedyChoice() implements TokenChoice {

  @Override
  public int choose(float[] scores) {
    float max = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      max = Math.max(max, score);
    }
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] == max) {
        return i;
      }
    }
    throw new IllegalStateException(
        "the model gave logits that are not numbers; its file is damaged");
  }
}
