package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;

/**
 * Rows of text behind the visual rows of their images. R is the number of rows, T their length, P
 * the visual rows of an image, S = P + T.
 *
 * @param features encoded images (B, P, W), float32 or float16
 * @param owners index of each row's image in {@code features}, (R)
 * @param ids token ids (R, T)
 * @param positions of the tokens in their captions (R, T)
 * @param segments what each position belongs to: 0 the image, 1, 2, ... its captions, a number of
 *     its own for padding, (R, S)
 * @param rows where predictions are scored, as indices into R·T, (N)
 * @param targets the tokens to predict there, (N)
 */
public record TrainingBatch(
    NDArray features,
    NDArray owners,
    NDArray ids,
    NDArray positions,
    NDArray segments,
    NDArray rows,
    NDArray targets) {
  /** Number of tokens to predict. */
  public long targetCount() {
    return targets.getShape().get(0);
  }
}
