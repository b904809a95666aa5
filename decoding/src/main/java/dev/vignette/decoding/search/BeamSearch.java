package dev.vignette.decoding.search;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import dev.vignette.decoding.search.CaptionSearch.Continuation;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Beam search as {@code transformers} 5.17 does it ({@code GenerationMixin._beam_search}): each
 * step keeps the best continuations over all beams, twice as many as beams, so that enough remain
 * when some of them end.
 */
final class BeamSearch implements CaptionSearch {

  private final GenerationConfig config;
  private final TokenRules rules;
  private final EndCondition end;
  private final BeamCandidates candidates;
  private final LogSoftmax softmax;
  private final float[] logits;
  private List<Beam> running = List.of(Beam.empty());
  private List<FinishedBeam> finished = List.of();
  private boolean improvable = true;
  private boolean over;

  BeamSearch(GenerationConfig config, TokenRules rules, int vocabularySize, EndCondition end) {
    this.config = config;
    this.rules = rules;
    this.end = end;
    int kept = Math.max(2, 1 + end.endTokenCount()) * config.numBeams();
    if (kept > vocabularySize) {
      throw new IllegalArgumentException(
          "%d beams need a vocabulary of %d tokens or more, but this one has %d; use fewer beams"
              .formatted(config.numBeams(), kept, vocabularySize));
    }
    this.candidates = new BeamCandidates(kept);
    this.softmax = new LogSoftmax(vocabularySize);
    this.logits = new float[vocabularySize];
  }

  @Override
  public int width() {
    return config.numBeams();
  }

  @Override
  public int maxNewTokens() {
    return config.maxNewTokens();
  }

  @Override
  public Optional<Continuation> step(LogitRows rows) {
    if (extend(rows)) {
      return Optional.of(
          new Continuation(
              running.stream().mapToInt(Beam::parent).toArray(),
              running.stream().mapToInt(Beam::lastToken).toArray()));
    }
    if (finished.isEmpty()) {
      throw TokenRules.nothingLeft();
    }
    over = true;
    return Optional.empty();
  }

  @Override
  public int[] settled(int from) {
    int[] tokens = over ? best().tokens() : new int[0];
    return Arrays.copyOfRange(tokens, Math.min(from, tokens.length), tokens.length);
  }

  @Override
  public Hypothesis best() {
    return finished.getFirst().toHypothesis(end);
  }

  /** Extends every beam by one token; false when the search is over. */
  private boolean extend(LogitRows rows) {
    candidates.clear();
    for (int beam = 0; beam < running.size(); beam++) {
      rows.read(beam, logits);
      score(running.get(beam), beam, softmax.normalizer(logits, rows));
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
  private void score(Beam beam, int index, float normalizer) {
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
}
