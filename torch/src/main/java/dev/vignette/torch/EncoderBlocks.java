package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;

/** A frozen stack of equal transformer blocks, without adapters. */
public final class EncoderBlocks implements AutoCloseable {
  private final ScriptModule script;
  private final List<NDList> weights;
  private final boolean causal;

  /**
   * @param manager owner of the compiled block
   * @param shape of every block
   * @param weights one list a block, in {@link BlockScript}'s order
   * @param causal whether a row sees only the rows before it
   * @param precision of linear maps and attention, as {@link FrozenWeights} holds the weights
   */
  public EncoderBlocks(
      NDManager manager,
      BlockShape shape,
      List<NDList> weights,
      boolean causal,
      Precision precision) {
    this.script =
        ScriptModule.compile(
            manager,
            new BlockScript(shape, Map.of(), DropoutScript.NONE, precision)
                .whole("block", causal)
                .tapped("tapped")
                .text());
    this.weights = List.copyOf(weights);
    this.causal = causal;
  }

  /**
   * Runs the stack.
   *
   * @param manager owner of the result
   * @param input rows (B, T, C); closed by this call
   * @return (B, T, C)
   */
  public NDArray forward(NDManager manager, NDArray input, AttentionTap tap) {
    NDArray x = input;
    for (int layer = 0; layer < weights.size(); layer++) {
      NDArray before = x;
      x = tap.wants(layer) ? tapped(manager, layer, x, tap) : block(manager, layer, x);
      before.close();
    }
    return x;
  }

  private NDArray block(NDManager manager, int layer, NDArray x) {
    return script.call(manager, "block", weights.get(layer), x).singletonOrThrow();
  }

  private NDArray tapped(NDManager manager, int layer, NDArray x, AttentionTap tap) {
    long rows = x.getShape().get(1);
    try (NDArray mask = Masks.rows(manager, rows, causal)) {
      NDList results = script.call(manager, "tapped", weights.get(layer), x, mask);
      try (NDArray attention = results.get(1)) {
        tap.accept(layer, attention);
      }
      return results.get(0);
    }
  }

  @Override
  public void close() {
    script.close();
  }
}
