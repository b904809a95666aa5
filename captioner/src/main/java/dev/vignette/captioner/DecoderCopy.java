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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Weights of the decoder that an adapter's file holds beside A and B. */
final class DecoderCopy {
  private static final List<String> TIED = List.of("wte.weight", Gpt2Weights.HEAD);
  private static final double LEAST = 1e-30;
  private static final double FLOAT_TOLERANCE = 1e-6;

  /** Of weights that loralib added an adapter to, and took it away again, after each epoch. */
  private static final double SUM_TOLERANCE = 1e-4;

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
   * transposed, and where an adapter is, with or without it ({@code eval()} adds it). A tied head
   * is one tensor with the embedding of tokens, and has what is added to either.
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
      List<NDArray> added =
          Torch.inference(() ->
              sharing(own, decoder)
                  .flatMap(one -> AdapterMerge.added(one, plan, trainables).stream())
                  .toList());
      if (added.isEmpty()) {
        return isEqualInALayout(copy, base, tolerance);
      }
      double wide = Math.max(tolerance, SUM_TOLERANCE);
      return Torch.inference(() -> {
        List<NDArray> forms = new ArrayList<>(List.of(base));
        for (NDArray one : added) {
          forms.addAll(forms.stream().map(form -> form.add(one)).toList());
        }
        return forms.stream().anyMatch(form -> isEqualInALayout(copy, form, wide));
      });
    }
  }

  /** The keys whose weights are one tensor with that of a key, itself among them. */
  private static Stream<String> sharing(String own, Gpt2Weights decoder) {
    boolean isTied = TIED.contains(own) && !decoder.hasOwnHead();
    return isTied ? TIED.stream() : Stream.of(own);
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
