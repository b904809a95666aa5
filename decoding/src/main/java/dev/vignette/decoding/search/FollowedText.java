package dev.vignette.decoding.search;

import dev.vignette.decoding.search.CaptionSearch.Continuation;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import java.util.Arrays;
import java.util.Optional;

/** One hypothesis whose tokens are given: their log-probabilities are read off. */
final class FollowedText implements CaptionSearch {

  private final int[] tokens;
  private final float[] logProbabilities;
  private final float[] logits;
  private final LogSoftmax softmax;
  private int count;
  private double score;

  FollowedText(int[] tokens, int vocabularySize) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("a text to follow has 1 token or more, not 0");
    }
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "a token id is 0 to %d in this vocabulary, not %d"
                .formatted(vocabularySize - 1, token));
      }
    }
    this.tokens = tokens.clone();
    this.logProbabilities = new float[tokens.length];
    this.logits = new float[vocabularySize];
    this.softmax = new LogSoftmax(vocabularySize);
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public int maxNewTokens() {
    return tokens.length;
  }

  @Override
  public Optional<Continuation> step(LogitRows rows) {
    rows.read(0, logits);
    int token = tokens[count];
    float logProbability = logits[token] - softmax.normalizer(logits, rows);
    logProbabilities[count++] = logProbability;
    score += logProbability;
    return count < tokens.length
        ? Optional.of(new Continuation(new int[] {0}, new int[] {token}))
        : Optional.empty();
  }

  @Override
  public int[] settled(int from) {
    return Arrays.copyOfRange(tokens, from, count);
  }

  @Override
  public Hypothesis best() {
    return new Hypothesis(tokens, logProbabilities, score);
  }
}
