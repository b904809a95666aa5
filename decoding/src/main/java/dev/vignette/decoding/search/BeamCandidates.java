package dev.vignette.decoding.search;

import dev.vignette.decoding.search.BeamSearch.Beam;
import java.util.ArrayList;
import java.util.List;

/**
 * The best continuations of a step, kept sorted by falling score while all (beam, token) are
 * offered; of equal scores the one offered first stays ahead. Most offers fail on one comparison
 * with the worst kept.
 */
final class BeamCandidates {

  private final double[] scores;
  private final int[] beams;
  private final int[] tokens;
  private final float[] logProbabilities;
  private int size;

  BeamCandidates(int capacity) {
    scores = new double[capacity];
    beams = new int[capacity];
    tokens = new int[capacity];
    logProbabilities = new float[capacity];
  }

  void clear() {
    size = 0;
  }

  /**
   * Offers every token as the continuation of a beam.
   *
   * @param beamScore the beam's score so far
   * @param values (V) logits or log-probabilities under the rules
   * @param offset subtracted from {@code values} to get log-probabilities
   * @param logits (V) the model's own logits, {@code normalizer} their log-sum of exponentials
   */
  void offer(
      int beam, double beamScore, float[] values, float offset, float[] logits, float normalizer) {
    for (int token = 0; token < values.length; token++) {
      double score = beamScore + (values[token] - offset);
      if (size < scores.length || score > scores[size - 1]) {
        insert(score, beam, token, logits[token] - normalizer);
      }
    }
  }

  private void insert(double score, int beam, int token, float logProbability) {
    int place = size < scores.length ? size++ : size - 1;
    while (place > 0 && scores[place - 1] < score) {
      scores[place] = scores[place - 1];
      beams[place] = beams[place - 1];
      tokens[place] = tokens[place - 1];
      logProbabilities[place] = logProbabilities[place - 1];
      place--;
    }
    scores[place] = score;
    beams[place] = beam;
    tokens[place] = token;
    logProbabilities[place] = logProbability;
  }

  /** The kept continuations as beams, best first; those a rule forbids left out. */
  List<Beam> extend(List<Beam> running) {
    List<Beam> extended = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      if (scores[i] > Double.NEGATIVE_INFINITY) {
        extended.add(
            running.get(beams[i]).extend(beams[i], tokens[i], logProbabilities[i], scores[i]));
      }
    }
    return extended;
  }
}
