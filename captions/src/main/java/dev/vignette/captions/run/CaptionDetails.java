package dev.vignette.captions.run;

import java.util.List;

/**
 * A caption and how it came about.
 *
 * @param caption the text
 * @param tokens the generated tokens in order, without prompt or image
 * @param score what the decoding ranks captions by: the sum of the log-probabilities under greedy
 *     decoding and sampling, the length-penalised one under beam search; finite
 * @param encodeMillis milliseconds in the image encoder
 * @param prefillMillis milliseconds in which the prompt and the image were read by the language
 *     model
 * @param decodeMillis milliseconds in which the tokens were generated
 * @param stopped whether a stop string ended the caption; only such a one may be empty
 */
public record CaptionDetails(
    String caption,
    List<ScoredToken> tokens,
    double score,
    double encodeMillis,
    double prefillMillis,
    double decodeMillis,
    boolean stopped) {
  /** Copies the tokens and checks the ranges. */
  public CaptionDetails {
    tokens = List.copyOf(tokens);
    if (!Double.isFinite(score)) {
      throw new IllegalArgumentException(
          "The score of \"%s\" should be finite, but is %s".formatted(caption, score));
    }
    requireDuration("encode", encodeMillis);
    requireDuration("prefill", prefillMillis);
    requireDuration("decode", decodeMillis);
  }

  /** A caption that no stop string ended. */
  public CaptionDetails(
      String caption,
      List<ScoredToken> tokens,
      double score,
      double encodeMillis,
      double prefillMillis,
      double decodeMillis) {
    this(caption, tokens, score, encodeMillis, prefillMillis, decodeMillis, false);
  }

  /** Returns the same, ended by a stop string. */
  public CaptionDetails endedByStop() {
    return new CaptionDetails(
        caption, tokens, score, encodeMillis, prefillMillis, decodeMillis, true);
  }

  /** Returns whether the model said nothing, and no stop string is the reason. */
  boolean saysNothing() {
    return caption.isBlank() && !stopped;
  }

  private static void requireDuration(String stage, double millis) {
    if (!(millis >= 0 && millis < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "The milliseconds in %s should be 0 or more and finite, but are %s"
              .formatted(stage, millis));
    }
  }

  /**
   * One generated token.
   *
   * @param id its number in the vocabulary, 0 or more
   * @param logProbability the natural logarithm of its probability under the model, finite
   */
  public record ScoredToken(int id, float logProbability) {
    /** Checks the ranges. */
    public ScoredToken {
      if (id < 0) {
        throw new IllegalArgumentException("A token id is 0 or more, but is " + id);
      }
      if (!Float.isFinite(logProbability)) {
        throw new IllegalArgumentException(
            "The log-probability of token %d should be finite, but is %s"
                .formatted(id, logProbability));
      }
    }
  }
}
