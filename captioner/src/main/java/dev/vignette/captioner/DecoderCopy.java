package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.TensorInfo;

/** Weights of the decoder that an adapter's file holds beside A and B. */
final class DecoderCopy {
  private static final double LEAST = 1e-30;

  private DecoderCopy() {}

  /**
   * Whether a tensor is the decoder's, but for what rounding to the type of the file changes.
   *
   * @param own the decoder's key, without prefix
   */
  static boolean isEqual(TensorFile file, String name, Gpt2Weights decoder, String own) {
    try (NDManager manager = Torch.newManager()) {
      NDArray base =
          own.equals(Gpt2Weights.HEAD) ? decoder.loadHead(manager) : decoder.load(manager, own);
      NDArray copy = Weights.load(manager, file, name);
      return copy.getShape().equals(base.getShape())
          && difference(copy, base) <= tolerance(file.info(name));
    }
  }

  /** The largest difference, as a share of the largest value. */
  private static double difference(NDArray copy, NDArray base) {
    return copy.sub(base).abs().max().getFloat() / Math.max(base.abs().max().getFloat(), LEAST);
  }

  private static double tolerance(TensorInfo saved) {
    return switch (saved.type()) {
      case BF16 -> 1.0 / 256;
      case F16 -> 1.0 / 2048;
      default -> 1e-6;
    };
  }
}
