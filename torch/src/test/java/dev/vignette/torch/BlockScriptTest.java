package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.fixture.Tolerance;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BlockScriptTest {
  private static final int WIDTH = 8;
  private static final int HIDDEN = 32;
  private static final int RANK = 4;
  private static final int COPIES = 100;
  private static final int SEEDS = 60;
  private static final BlockShape SHAPE =
      new BlockShape(WIDTH, 2, Activation.GELU_TANH, 1e-5, false);

  /** Only the last map has an adapter, so the block's result is linear in what dropout changes. */
  private static String module(double dropout) {
    DropoutScript script = new DropoutScript(dropout, false);
    return script.function(BlockScript.DROPOUT)
        + new BlockScript(SHAPE, Map.of(BlockLinear.DOWN, 1.5), script, Precision.FP32)
            .whole("train", true)
            .text()
        + new BlockScript(SHAPE, Map.of(BlockLinear.DOWN, 1.5), DropoutScript.NONE, Precision.FP32)
            .whole("plain", true)
            .text()
        + new BlockScript(SHAPE, Map.of(), DropoutScript.NONE, Precision.FP32)
            .whole("bare", true)
            .text();
  }

  private static NDList weights(NDManager manager) {
    NDList weights = new NDList(manager.ones(new Shape(WIDTH)), manager.zeros(new Shape(WIDTH)));
    addMap(manager, weights, 3 * WIDTH, WIDTH);
    addMap(manager, weights, WIDTH, WIDTH);
    weights.add(manager.ones(new Shape(WIDTH)));
    weights.add(manager.zeros(new Shape(WIDTH)));
    addMap(manager, weights, HIDDEN, WIDTH);
    addMap(manager, weights, WIDTH, HIDDEN);
    weights.add(manager.randomNormal(new Shape(RANK, HIDDEN)));
    weights.add(manager.randomNormal(new Shape(WIDTH, RANK)));
    return weights;
  }

  private static void addMap(NDManager manager, NDList weights, int out, int in) {
    weights.add(manager.randomNormal(new Shape(out, in)));
    weights.add(manager.zeros(new Shape(out)));
  }

  @Test
  void onAverageDropoutLeavesAnAdaptersOutputAsItIs() {
    for (double dropout : new double[] {0.1, 0.5}) {
      Torch.seed(17);
      try (NDManager manager = Torch.newManager();
          ScriptModule script = ScriptModule.compile(manager, module(dropout))) {
        NDList weights = weights(manager);
        NDArray rows = manager.randomNormal(new Shape(1, 3, WIDTH));
        NDArray bare = script.call(manager, "bare", weights, rows).singletonOrThrow();
        NDArray plain = script.call(manager, "plain", weights, rows).singletonOrThrow().sub(bare);
        NDArray copies = rows.repeat(0, COPIES);
        NDArray sum = manager.zeros(plain.getShape());
        for (int seed = 0; seed < SEEDS; seed++) {
          Torch.seed(seed);
          NDArray out = script.call(manager, "train", weights, copies).singletonOrThrow();
          sum.addi(out.mean(new int[] {0}, true).sub(bare));
        }
        // 6,000 draws: noise is near 1 % of the adapter's output, a lost scale 10 % or 50 %.
        assertThat(Tolerance.relative(sum.div(SEEDS), plain)).isLessThan(0.04);
      }
    }
  }
}
