package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The C library's heap takes what it is told. */
class NativeEnvironmentTest {

  @Test
  void largeBlocksCanBeKept() {
    assertThat(NativeEnvironment.keepLargeBlocks()).isTrue();
  }
}
