package dev.vignette.decoding;

import java.util.Arrays;

/** A hypothesis that has ended, with its length-penalized score. */
record FinishedBeam(Beam beam, double score) {

  /** Without the end token, if it ended by one. */
  Hypothesis toHypothesis(EndCondition end) {
    int length = end.isEndToken(beam.lastToken()) ? beam.length() - 1 : beam.length();
    return new Hypothesis(
        Arrays.copyOf(beam.tokens(), length),
        Arrays.copyOf(beam.logProbabilities(), length),
        score);
  }
}
