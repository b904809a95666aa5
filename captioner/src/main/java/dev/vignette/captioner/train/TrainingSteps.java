package dev.vignette.captioner.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.TrainingBatch;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.torch.Torch;

/** One batch after another through the decoder, and a step of the optimizer after each group. */
final class TrainingSteps {
  private final NDManager manager;
  private final CaptionDecoder decoder;
  private final FusedAdamW optimizer;
  private final double clipNorm;

  /**
   * @param clipNorm largest norm of the gradients; 0 for no limit
   */
  TrainingSteps(NDManager manager, CaptionDecoder decoder, FusedAdamW optimizer, double clipNorm) {
    this.manager = manager;
    this.decoder = decoder;
    this.optimizer = optimizer;
    this.clipNorm = clipNorm;
  }

  /** Builds a batch in the arrays of a step. */
  @FunctionalInterface
  interface Source {
    TrainingBatch batch(NDManager owner);
  }

  /**
   * Adds the gradients of a batch.
   *
   * @param share of the batch in the step, 1 / accumulated batches
   * @param seed of dropout
   * @return mean loss of the batch's targets
   */
  double accumulate(Source source, double share, long seed) {
    Torch.seed(seed);
    return Torch.recording(() -> {
      try (NDManager step = manager.newSubManager()) {
        TrainingBatch batch = source.batch(step);
        NDArray loss = decoder.loss(step, batch, share / batch.targetCount());
        Torch.backward(loss);
        return loss.getFloat() / share;
      }
    });
  }

  /** Updates the trainable arrays. */
  void step(double rate) {
    if (clipNorm > 0) {
      optimizer.clip(clipNorm);
    }
    optimizer.step(rate);
  }
}
