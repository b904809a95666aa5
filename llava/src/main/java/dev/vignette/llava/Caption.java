package dev.vignette.llava;

import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionDetails.ScoredToken;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import java.util.ArrayList;
import java.util.List;

/**
 * A caption and how it came about.
 *
 * @param text without the space around it, and without a stop string
 * @param hypothesis its tokens, their log-probabilities and its score
 * @param millis where the time went; {@code encode} is that of the image, shared by all its
 *     captions
 */
public record Caption(String text, Hypothesis hypothesis, StageMillis millis) {

  /** The same as a run over many images keeps it. */
  CaptionDetails details() {
    List<ScoredToken> tokens = new ArrayList<>(hypothesis.tokens().length);
    for (int i = 0; i < hypothesis.tokens().length; i++) {
      tokens.add(new ScoredToken(hypothesis.tokens()[i], hypothesis.logProbabilities()[i]));
    }
    return new CaptionDetails(
        text, tokens, hypothesis.score(), millis.encode(), millis.prefill(), millis.decode());
  }

  /** Whether it is empty, and no stop string is the reason. */
  public boolean saysNothing(GenerationConfig config, LlavaModel model) {
    return text.isBlank() && !holdsStop(config, model);
  }

  /** Whether a stop string ended it. */
  boolean holdsStop(GenerationConfig config, LlavaModel model) {
    return config.stopStrings().stream()
        .anyMatch(model.vocabulary().detokenize(hypothesis.tokens())::contains);
  }

  /**
   * Where the time of a caption went, in milliseconds.
   *
   * @param encode the vision tower and projector
   * @param prefill reading image and instruction into the language model
   * @param decode generating the tokens
   */
  public record StageMillis(double encode, double prefill, double decode) {

    /** The sum of the stages. */
    public double total() {
      return encode + prefill + decode;
    }

    /** The sum of both, stage by stage. */
    public StageMillis plus(StageMillis other) {
      return new StageMillis(encode + other.encode, prefill + other.prefill, decode + other.decode);
    }

    /**
     * Milliseconds over several images or captions.
     *
     * @param count of how many, 0 or more
     * @param millis their sum, stage by stage
     */
    public record StageTotals(int count, StageMillis millis) {

      /** Of none. */
      public static final StageTotals NONE = new StageTotals(0, new StageMillis(0, 0, 0));

      public StageTotals {
        if (count < 0) {
          throw new IllegalArgumentException("a count is 0 or more, not " + count);
        }
      }

      /** The sum of both. */
      public StageTotals plus(StageTotals other) {
        return new StageTotals(count + other.count, millis.plus(other.millis));
      }

      /** Milliseconds of one on average, all stages together; 0 of none. */
      public double mean() {
        return count == 0 ? 0 : millis.total() / count;
      }
    }
  }
}
