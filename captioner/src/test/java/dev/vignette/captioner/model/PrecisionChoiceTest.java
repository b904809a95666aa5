package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.vignette.torch.Precision;
import org.junit.jupiter.api.Test;

class PrecisionChoiceTest {
  @Test
  void autoIsBfloat16OnAGpuThatIsFastAtItOnly() {
    assertThat(PrecisionChoice.AUTO.on(Device.gpu(), true)).isEqualTo(Precision.BF16);
    assertThat(PrecisionChoice.AUTO.on(Device.gpu(), false)).isEqualTo(Precision.FP32);
    assertThat(PrecisionChoice.AUTO.on(Device.cpu(), true)).isEqualTo(Precision.FP32);
  }

  @Test
  void anExplicitChoiceHoldsEverywhere() {
    assertThat(PrecisionChoice.FP32.on(Device.gpu(), true)).isEqualTo(Precision.FP32);
    assertThat(PrecisionChoice.BF16.on(Device.cpu(), false)).isEqualTo(Precision.BF16);
  }

  @Test
  void bfloat16IsWarnedOfWhereItIsSlow() {
    assertThat(PrecisionChoice.BF16.warning("--dtype", Device.cpu(), false))
        .hasValueSatisfying(w -> assertThat(w).contains("--dtype is bf16", "fp32 is faster"));
    assertThat(PrecisionChoice.BF16.warning("--dtype", Device.cpu(), true)).isEmpty();
    assertThat(PrecisionChoice.AUTO.warning("--dtype", Device.cpu(), false)).isEmpty();
  }
}
