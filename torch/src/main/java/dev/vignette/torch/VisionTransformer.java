package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * A frozen vision transformer of the CLIP family: patches by a convolution, a class token, learned
 * positions, a norm before the blocks and one after. Weights keep their file mapped.
 */
public final class VisionTransformer implements AutoCloseable {
  private static final String SCRIPT =
      """
        def embed(self, w: List[Tensor], pixels: Tensor) -> Tensor:
          x = torch.conv2d(pixels, w[2], None, [%1$d, %1$d])
          x = torch.transpose(torch.flatten(x, 2), 1, 2)
          c = torch.expand(torch.view(w[0], [1, 1, %2$d]), [torch.size(x, 0), 1, %2$d])
          x = torch.add(torch.cat([c, x], 1), w[1])
          return torch.layer_norm(x, [%2$d], w[3], w[4], %3$s)
        def norm(self, w: List[Tensor], x: Tensor) -> Tensor:
          return torch.layer_norm(x, [%2$d], w[0], w[1], %3$s)
      """;

  private final NDManager manager = Torch.newManager();
  private final VisionShape shape;
  private final ScriptModule script;
  private final EncoderBlocks blocks;
  private final NDList embedding;
  private final NDList norm;

  private VisionTransformer(
      VisionShape shape, Weights weights, VisionLayout layout, Precision precision) {
    this.shape = shape;
    BlockShape block =
        new BlockShape(
            shape.width(), shape.heads(), shape.activation(), shape.epsilon(), layout.splitQkv());
    List<NDList> blockWeights = new ArrayList<>();
    try (FrozenWeights frozen = new FrozenWeights(manager, precision)) {
      for (int layer = 0; layer < shape.depth(); layer++) {
        List<String> names = layout.block(layer);
        blockWeights.add(frozen.block(block, owner -> load(owner, weights, names)));
      }
    }
    embedding = load(manager, weights, layout.embedding());
    norm = load(manager, weights, layout.norm());
    script =
        ScriptModule.compile(
            manager, SCRIPT.formatted(shape.patch(), shape.width(), shape.epsilon()));
    blocks = new EncoderBlocks(manager, block, blockWeights, false, precision);
  }

  /**
   * Loads weights that {@link Weights#checked} has held against {@code layout.table(shape)}.
   *
   * @param precision of the blocks' linear maps and attention; input and output are float32
   */
  public static VisionTransformer load(
      VisionShape shape, Weights weights, VisionLayout layout, Precision precision) {
    return Torch.inference(() -> new VisionTransformer(shape, weights, layout, precision));
  }

  private static NDList load(NDManager owner, Weights weights, List<String> names) {
    NDList list = new NDList(names.size());
    names.forEach(name -> list.add(weights.load(owner, name)));
    return list;
  }

  /** The shape of the transformer. */
  VisionShape shape() {
    return shape;
  }

  /**
   * All tokens after the final norm, timm's {@code forward_features}.
   *
   * @param results owner of the result
   * @param pixels normalised pixels (B, 3, side, side)
   * @param tap receives (B, heads, T, T) of the layers it wants
   * @return (B, 1 + patches, C), the class token first
   */
  public NDArray features(NDManager results, NDArray pixels, AttentionTap tap) {
    return Torch.inference(() -> {
      NDArray x = script.call(results, "embed", embedding, pixels).singletonOrThrow();
      try (NDArray y = blocks.forward(results, x, tap)) {
        return script.call(results, "norm", norm, y).singletonOrThrow();
      }
    });
  }

  /** The class token after the final norm, (B, C). */
  public NDArray classTokens(NDManager results, NDArray pixels) {
    return Torch.inference(() -> {
      NDArray x = script.call(results, "embed", embedding, pixels).singletonOrThrow();
      try (NDArray y = blocks.forward(results, x, AttentionTap.NONE);
          NDArray token = y.get(":, 0")) {
        return script.call(results, "norm", norm, token).singletonOrThrow();
      }
    });
  }

  @Override
  public void close() {
    blocks.close();
    script.close();
    manager.close();
  }
}
