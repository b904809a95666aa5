package dev.vignette.decoding;

import java.util.Arrays;

/**
 * A running hypothesis.
 *
 * @param parent its index among the beams of the step before
 * @param tokens all its tokens after the prompt
 * @param logProbabilities the model's own log-probability of each
 * @param score their sum under the generation rules
 */
@SuppressWarnings("ArrayRecordComponent") // never shared outside the search, never changed
record Beam(int parent, int[] tokens, float[] logProbabilities, double score) {

  static Beam empty() {
    return new Beam(0, new int[0], new float[0], 0);
  }

  int length() {
    return tokens.length;
  }

  int lastToken() {
    return tokens[tokens.length - 1];
  }

  Beam extend(int index, int token, float logProbability, double newScore) {
    int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
    longer[tokens.length] = token;
    float[] longerLog = Arrays.copyOf(logProbabilities, tokens.length + 1);
    longerLog[tokens.length] = logProbability;
    return new Beam(index, longer, longerLog, newScore);
  }
}
