package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class DropoutScriptTest {
  private static float[] dropped(double probability, long seed, int rows) {
    return dropped(new DropoutScript(probability, false), seed, rows);
  }

  private static float[] dropped(DropoutScript dropout, long seed, int rows) {
    try (NDManager manager = Torch.newManager();
        ScriptModule script = ScriptModule.compile(manager, dropout.function("drop"))) {
      Torch.seed(seed);
      NDArray ones = manager.ones(new Shape(rows, 7));
      return script.call(manager, "drop", ones).singletonOrThrow().toFloatArray();
    }
  }

  private static long zeros(float[] values) {
    long count = 0;
    for (float value : values) {
      count += value == 0 ? 1 : 0;
    }
    return count;
  }

  @Test
  void theShareOfZerosIsTheProbability() {
    for (double probability : new double[] {0.1, 0.5, 0.9}) {
      float[] values = dropped(probability, 3, 100_001);
      double share = (double) zeros(values) / values.length;
      // Five standard deviations of a binomial share of 700,007 draws.
      double tolerance = 5 * Math.sqrt(probability * (1 - probability) / values.length);
      assertThat(share).isCloseTo(probability, within(tolerance + 1.0 / 65536));
      assertThat(new DropoutScript(probability, false).scale())
          .isCloseTo(1 / (1 - probability), within(1e-3));
    }
  }

  @Test
  void pytorchsOwnKernelDropsTheSameShareAndScales() {
    DropoutScript own = new DropoutScript(0.25, true);
    float[] values = dropped(own, 3, 100_001);
    double share = (double) zeros(values) / values.length;
    assertThat(share).isCloseTo(0.25, within(5 * Math.sqrt(0.25 * 0.75 / values.length)));
    for (float value : values) {
      assertThat(value).isIn(0f, 1 / 0.75f);
    }
    assertThat(own.scale()).isEqualTo(1);
    assertThat(DropoutScript.on(Device.gpu(), 0.25)).isEqualTo(own);
  }

  @Test
  void zeroProbabilityDropsNothingAndTheSameSeedTheSame() {
    assertThat(zeros(dropped(0, 1, 1000))).isZero();
    assertThat(dropped(0.3, 11, 50)).isEqualTo(dropped(0.3, 11, 50));
    assertThat(dropped(0.3, 11, 50)).isNotEqualTo(dropped(0.3, 12, 50));
  }
}
