package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;

/**
 * Rows of text behind the visual rows of their images. R is the number of rows, T their length, P
 * the visual rows of an image, S = P + T.
 *
 * @param features encoded images (B, P, W)
 * @param owners index of each row's image in {@code features}, (R)
 * @param ids token ids (R, T)
 * @param positions of the tokens in their captions (R, T)
 * @param mask 0 where a row may look and -infinity elsewhere, (R, 1, S, S)
 * @param lastMask the text rows of {@code mask}, (R, 1, T, S)
 * @param rows where predictions are scored, as indices into R·T, (N)
 * @param targets the tokens to predict there, (N)
 */
public record TrainingBatch(
    NDArray features,
    NDArray owners,
    NDArray ids,
    NDArray positions,
    NDArray mask,
    NDArray lastMask,
    NDArray rows,
    NDArray targets) {
  /** Number of tokens to predict. */
  public long targetCount() {
    return targets.getShape().get(0);
  }
}
