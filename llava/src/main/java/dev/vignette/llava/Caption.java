package dev.vignette.llava;

import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.ScoredToken;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.Hypothesis;
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
}
