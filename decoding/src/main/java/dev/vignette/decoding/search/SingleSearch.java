package dev.vignette.decoding.search;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch.Continuation;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import dev.vignette.decoding.search.SingleSearch.TokenChoice.GreedyChoice;
import dev.vignette.decoding.search.SingleSearch.TokenChoice.SampledChoice;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

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

  /** Picks a token from scores. */
  sealed interface TokenChoice {

    /**
     * @param scores (vocabulary) logits after the rules
     * @return a token id
     */
    int choose(float[] scores);

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

    /**
     * A token by chance after temperature, top-k and top-p, in Hugging Face's order; the same for
     * the same seed.
     */
    static final class SampledChoice implements TokenChoice {

      private final GenerationConfig config;
      private final SplittableRandom random;

      SampledChoice(GenerationConfig config) {
        this.config = config;
        this.random = new SplittableRandom(config.seed());
      }

      @Override
      public int choose(float[] scores) {
        int[] ids = likeliest(scores);
        if (scores[ids[0]] == Float.NEGATIVE_INFINITY) {
          throw TokenRules.nothingLeft();
        }
        double[] weights = new double[ids.length];
        double total = 0;
        for (int i = 0; i < ids.length; i++) {
          weights[i] = Math.exp((scores[ids[i]] - (double) scores[ids[0]]) / config.temperature());
          total += weights[i];
        }
        int kept = nucleus(weights, total);
        return ids[draw(weights, kept)];
      }

      /** Ids by falling score, at most top-k of them; of equal scores, the lower id first. */
      private int[] likeliest(float[] scores) {
        int k = config.topK() == 0 ? scores.length : Math.min(config.topK(), scores.length);
        long[] order = new long[scores.length];
        for (int i = 0; i < scores.length; i++) {
          order[i] = ((long) ~sortable(scores[i]) << 32) | i;
        }
        Arrays.sort(order);
        int[] ids = new int[k];
        for (int i = 0; i < k; i++) {
          ids[i] = (int) order[i];
        }
        return ids;
      }

      /** An int that sorts as the float does. */
      private static int sortable(float value) {
        int bits = Float.floatToIntBits(value);
        return bits >= 0 ? bits : bits ^ 0x7fffffff;
      }

      /**
       * How many of the likeliest make up top-p of the probability; the one that crosses it is
       * kept.
       */
      private int nucleus(double[] weights, double total) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
          sum += weights[i];
          if (sum >= config.topP() * total) {
            return i + 1;
          }
        }
        return weights.length;
      }

      private int draw(double[] weights, int kept) {
        double total = 0;
        for (int i = 0; i < kept; i++) {
          total += weights[i];
        }
        double left = random.nextDouble() * total;
        for (int i = 0; i < kept - 1; i++) {
          left -= weights[i];
          if (left < 0) {
            return i;
          }
        }
        return kept - 1;
      }
    }
  }
}
