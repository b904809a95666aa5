package dev.vignette.captions.decoding;

import java.util.Arrays;
import java.util.function.IntConsumer;

/** One hypothesis, a token at a time: greedy search or sampling. */
final class SingleSearch {

  private final HypothesisModel model;
  private final GenerationConfig config;
  private final TokenRules rules;
  private final EndCondition end;
  private final TokenChoice choice;
  private final LogSoftmax softmax;
  private final int[] tokens;
  private final float[] logProbabilities;
  private int count;
  private double score;

  SingleSearch(HypothesisModel model, GenerationConfig config, TokenRules rules, EndCondition end) {
    this.model = model;
    this.config = config;
    this.rules = rules;
    this.end = end;
    this.choice = config.doSample() ? new SampledChoice(config) : new GreedyChoice();
    this.softmax = new LogSoftmax(model.vocabularySize());
    this.tokens = new int[config.maxNewTokens()];
    this.logProbabilities = new float[config.maxNewTokens()];
  }

  /** Runs to the end; the listener hears each token of the text as it is chosen. */
  Hypothesis run(IntConsumer listener) {
    float[] logits = new float[model.vocabularySize()]; // (V)
    model.start(logits);
    while (step(logits)) {
      listener.accept(tokens[count - 1]);
      if (count == config.maxNewTokens() || end.stopsAt(tokens, count)) {
        break;
      }
      model.advance(new int[] {0}, new int[] {tokens[count - 1]}, new float[][] {logits});
    }
    return new Hypothesis(
        Arrays.copyOf(tokens, count), Arrays.copyOf(logProbabilities, count), score);
  }

  /** Chooses the next token; false if it ends the text. */
  private boolean step(float[] logits) {
    float normalizer = softmax.normalizer(logits);
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
}
