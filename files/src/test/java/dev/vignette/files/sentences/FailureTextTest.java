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

  @Test
  void aLibraryWithoutMemoryIsSaidInASentenceAndTorchScriptByItsLastLine() {
    String script =
        "The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript (most recent call last):\n  File \"code/__torch__.py\", line 192, in prefix0\n        ~~~ <--- HERE\nRuntimeError: ";
    assertThat(
            FailureText.of(
                new IllegalStateException(
                    script + "DefaultCPUAllocator: can't allocate memory: 124800 bytes\n\n")))
        .startsWith("The system gives this program no more memory.");
    assertThat(FailureText.of(new IllegalStateException(script + "shapes differ\n\n")))
        .isEqualTo("libtorch failed: RuntimeError: shapes differ");
    assertThat(FailureText.lacksMemory(new OutOfMemoryError("out of memory"))).isFalse();
  }

  @Test
  void whatATerminalObeysIsWrittenOut() {
    assertThat(FailureText.printable("a\u001b[31m\rb\u009bc\td\n"))
        .isEqualTo("a\\u001b[31m\\u000db\\u009bc\td\n");
  }
}
