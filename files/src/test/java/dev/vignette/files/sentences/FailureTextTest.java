package dev.vignette.files.sentences;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailureTextTest {

  @Test
  void aFailureWithoutAMessageIsSaidByItsKind() {
    assertThat(FailureText.of(new OutOfMemoryError("Java heap space")))
        .isEqualTo("Java heap space");
    assertThat(FailureText.of(new IllegalStateException()))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(FailureText.of(new IllegalStateException(" ")))
        .startsWith("java.lang.IllegalStateException");
  }
}
