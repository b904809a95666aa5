package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpuFlagsTest {
  @Test
  void theFlagsOfTheFirstProcessorAreRead() {
    assertThat(
            CpuFlags.parse(
                List.of("processor\t: 0", "flags\t\t: fpu  amx_bf16 sse", "", "flags\t\t: other")))
        .containsExactlyInAnyOrder("fpu", "amx_bf16", "sse");
    assertThat(CpuFlags.parse(List.of("Features\t: fp asimd bf16"))).contains("bf16");
    assertThat(CpuFlags.parse(List.of("model name\t: any"))).isEmpty();
  }
}
