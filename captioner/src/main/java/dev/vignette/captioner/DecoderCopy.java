package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.weights.TensorFile;
import dev.vignette.weights.TensorInfo;
import java.util.Optional;

/** Weights of the decoder that an adapter's file holds beside A and B. */
final class DecoderCopy {
  private static final double LEAST = 1e-30;
  private static final double FLOAT_TOLERANCE = 1e-6;
  private static final double SUM_TOLERANCE = 1e-5;

  private DecoderCopy() {}

  /**
   * Whether a tensor is the decoder's, but for what rounding to the type of the file changes.
   *
   * @param own the decoder's key, without prefix
   */
  static boolean isEqual(TensorFile file, String name, Gpt2Weights decoder, String own) {
    try (NDManager manager = Torch.newManager()) {
      NDArray copy = Weights.load(manager, file, name);
      return isEqual(copy, base(manager, decoder, own), tolerance(file.info(name)));
    }
  }

  /**
   * Whether a tensor is the decoder's in one of the forms that loralib saves: as it is or
   * transposed, and where the adapter is, with or without it ({@code eval()} adds it).
   */
  static boolean isOfDecoder(
      TensorFile file,
      String name,
      Gpt2Weights decoder,
      String own,
      AdapterPlan plan,
      Trainables trainables) {
    try (NDManager manager = Torch.newManager()) {
      NDArray copy = Weights.load(manager, file, name);
      NDArray base = base(manager, decoder, own);
      double tolerance = tolerance(file.info(name));
      if (isEqualInALayout(copy, base, tolerance)) {
        return true;
      }
      Optional<NDArray> added =
          Torch.inference(() -> AdapterMerge.added(own, plan, trainables).map(base::add));
      return added.isPresent()
          && isEqualInALayout(copy, added.get(), Math.max(tolerance, SUM_TOLERANCE));
    }
  }

  private static NDArray base(NDManager manager, Gpt2Weights decoder, String own) {
    return own.equals(Gpt2Weights.HEAD) ? decoder.loadHead(manager) : decoder.load(manager, own);
  }

  private static boolean isEqualInALayout(NDArray copy, NDArray base, double tolerance) {
    return isEqual(copy, base, tolerance)
        || (base.getShape().dimension() == 2 && isEqual(copy, base.transpose(), tolerance));
  }

  /** The largest difference is a share of the largest value. */
  private static boolean isEqual(NDArray copy, NDArray base, double tolerance) {
    return copy.getShape().equals(base.getShape())
        && copy.sub(base).abs().max().getFloat()
            <= tolerance * Math.max(base.abs().max().getFloat(), LEAST);
  }

  private static double tolerance(TensorInfo saved) {
    return switch (saved.type()) {
      case BF16 -> 1.0 / 256;
      case F16 -> 1.0 / 2048;
      default -> FLOAT_TOLERANCE;
    };
  }
}
