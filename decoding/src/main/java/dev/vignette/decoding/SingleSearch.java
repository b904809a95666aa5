package dev.vignette.decoding;

import dev.vignette.decoding.CaptionSearch.Continuation;
import dev.vignette.decoding.CaptionSearch.LogitRows;
import dev.vignette.decoding.TokenChoice.GreedyChoice;
import dev.vignette.decoding.TokenChoice.SampledChoice;
import java.util.Arrays;
import java.util.Optional;

/** One hypothesis, a token at a time: greedy search or sampling. */
final class SingleSearch implements CaptionSearch {

  private final GenerationConfig config;
  private final TokenRules rules;
  private final EndCondition end;
  private final TokenChoice choice;
  private final LogSoftmax softmax;
  private final float[] logits;
  private final int[] tokens;
  private final float[] logProbabilities;
  private int count;
  private double score;

  SingleSearch(GenerationConfig config, TokenRules rules, int vocabularySize, EndCondition end) {
    this.config = config;
    this.rules = rules;
    this.end = end;
    this.choice = config.doSample() ? new SampledChoice(config) : new GreedyChoice();
    this.softmax = new LogSoftmax(vocabularySize);
    this.logits = new float[vocabularySize];
    this.tokens = new int[config.maxNewTokens()];
    this.logProbabilities = new float[config.maxNewTokens()];
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public int maxNewTokens() {
    return config.maxNewTokens();
  }

  @Override
  public Optional<Continuation> step(LogitRows rows) {
    rows.read(0, logits);
    boolean over =
        !choose(softmax.normalizer(logits, rows))
            || count == config.maxNewTokens()
            || end.stopsAt(tokens, count);
    return over
        ? Optional.empty()
        : Optional.of(new Continuation(new int[] {0}, new int[] {tokens[count - 1]}));
  }

  /** Chooses the next token; false if it ends the text. */
  private boolean choose(float normalizer) {
    float[] scores = logits;
    if (rules.areActive(count)) {
      scores = logits.clone();
      rules.apply(scores, tokens, count);
    }
    int token = choice.choose(scores);
    float logProbability = logits[token] - normalizer;
    score += logProbability;
    if (end.isEndToken(token)) {
      return false;
    }
    tokens[count] = token;
    logProbabilities[count++] = logProbability;
    return true;
  }

  @Override
  public int[] settled(int from) {
    return Arrays.copyOfRange(tokens, from, count);
  }

  @Override
  public Hypothesis best() {
    return new Hypothesis(
        Arrays.copyOf(tokens, count), Arrays.copyOf(logProbabilities, count), score);
  }
}
