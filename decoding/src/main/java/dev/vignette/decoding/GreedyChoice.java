package dev.vignette.decoding;

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
    throw TokenRules.nothingLeft();
  }
}
