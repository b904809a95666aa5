package dev.vignette.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CaptionedRowsTest {

  @Test
  void aFailureWithoutAMessageIsSaidByItsKind() {
    assertThat(CaptionedRows.messageOf(new OutOfMemoryError("Java heap space")))
        .isEqualTo("Java heap space");
    assertThat(CaptionedRows.messageOf(new IllegalStateException()))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(CaptionedRows.messageOf(new IllegalStateException(" ")))
        .startsWith("java.lang.IllegalStateException");
  }
}
