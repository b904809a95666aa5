package dev.vignette.captions.decoding;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Beam search as {@code transformers} 5.17 does it ({@code GenerationMixin._beam_search}): each
 * step keeps the best continuations over all beams, twice as many as beams, so that enough remain
 * when some of them end.
 */
final class BeamSearch {

  private final HypothesisModel model;
  private final GenerationConfig config;
  private final TokenRules rules;
  private final EndCondition end;
  private final BeamCandidates candidates;
  private final LogSoftmax softmax;
  private List<Beam> running = List.of(Beam.empty());
  private List<FinishedBeam> finished = List.of();
  private boolean improvable = true;

  BeamSearch(HypothesisModel model, GenerationConfig config, TokenRules rules, EndCondition end) {
    this.model = model;
    this.config = config;
    this.rules = rules;
    this.end = end;
    int kept = Math.max(2, 1 + end.endTokenCount()) * config.numBeams();
    if (kept > model.vocabularySize()) {
      throw new IllegalArgumentException(
          "%d beams need a vocabulary of %d tokens or more, but this one has %d; use fewer beams"
              .formatted(config.numBeams(), kept, model.vocabularySize()));
    }
    this.candidates = new BeamCandidates(kept);
    this.softmax = new LogSoftmax(model.vocabularySize());
  }

  Hypothesis run() {
    float[][] logits = new float[config.numBeams()][model.vocabularySize()]; // (beams, V)
    model.start(logits[0]);
    while (step(logits)) {
      int[] parents = running.stream().mapToInt(Beam::parent).toArray();
      int[] tokens = running.stream().mapToInt(Beam::lastToken).toArray();
      model.advance(parents, tokens, logits);
    }
    if (finished.isEmpty()) {
      throw new IllegalStateException(
          "no token can follow: the model's logits are not numbers (a damaged file), or the rules forbid every token (relax no_repeat_ngram_size)");
    }
    return finished.getFirst().toHypothesis(end);
  }

  /** Extends every beam by one token; false when the search is over. */
  private boolean step(float[][] logits) {
    candidates.clear();
    for (int beam = 0; beam < running.size(); beam++) {
      score(running.get(beam), beam, logits[beam]);
    }
    List<Beam> extended = candidates.extend(running);
    List<Beam> next = new ArrayList<>(config.numBeams());
    for (int rank = 0; rank < extended.size(); rank++) {
      Beam beam = extended.get(rank);
      boolean ends = ends(beam);
      if (ends && rank < config.numBeams()) {
        finish(beam);
      } else if (!ends && next.size() < config.numBeams()) {
        next.add(beam);
      }
    }
    running = next;
    improvable &= !next.isEmpty() && canImprove();
    return improvable && !(isFull() && config.earlyStopping() == EarlyStopping.TRUE);
  }

  /** Offers every continuation of a beam to the candidates. */
  private void score(Beam beam, int index, float[] logits) {
    float normalizer = softmax.normalizer(logits);
    float[] scores = logits;
    if (rules.areActive(beam.length())) {
      scores = logits.clone();
      softmax.apply(scores);
      rules.apply(scores, beam.tokens(), beam.length());
      candidates.offer(index, beam.score(), scores, 0, logits, normalizer);
    } else {
      candidates.offer(index, beam.score(), scores, normalizer, logits, normalizer);
    }
  }

  private boolean ends(Beam beam) {
    return beam.length() == config.maxNewTokens()
        || end.isEndToken(beam.lastToken())
        || end.stopsAt(beam.tokens(), beam.length());
  }

  private boolean isFull() {
    return finished.size() == config.numBeams();
  }

  private void finish(Beam beam) {
    if (!improvable || (isFull() && config.earlyStopping() == EarlyStopping.TRUE)) {
      return;
    }
    List<FinishedBeam> merged = new ArrayList<>(finished);
    merged.add(new FinishedBeam(beam, penalized(beam.score(), beam.length())));
    merged.sort(Comparator.comparingDouble(FinishedBeam::score).reversed());
    finished = merged.subList(0, Math.min(config.numBeams(), merged.size()));
  }

  private double penalized(double score, int length) {
    return score / Math.pow(length, config.lengthPenalty());
  }

  /** Whether the best running beam could still beat the worst finished one. */
  private boolean canImprove() {
    if (!isFull()) {
      return true;
    }
    Beam best = running.getFirst();
    boolean atFullLength =
        config.earlyStopping() == EarlyStopping.NEVER && config.lengthPenalty() > 0;
    int length = atFullLength ? config.maxNewTokens() : best.length();
    return penalized(best.score(), length) > finished.getLast().score();
  }
}
