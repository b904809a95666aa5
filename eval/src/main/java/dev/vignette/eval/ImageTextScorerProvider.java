package dev.vignette.eval;

import dev.vignette.eval.ImageTextScorer.ClipRequest;

/** Opens scorers; found by {@link java.util.ServiceLoader}, so that text metrics need no engine. */
public interface ImageTextScorerProvider {
  /**
   * Opens the model of a request.
   *
   * @throws IllegalArgumentException when the folder holds no model that this provider can run
   */
  ImageTextScorer open(ClipRequest request);

  /**
   * Looks at the files of a request as far as that takes no time: worth a call before hours of
   * captioning.
   *
   * @throws IllegalArgumentException as {@link #open} does
   */
  void check(ClipRequest request);
}
