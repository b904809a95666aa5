package dev.vignette.llama.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AbortTest {

  @Test
  void anAbortForWantOfMemoryIsToldFromADefect() {
    assertThat(NativeCallbacks.saysNoMemory("GGML_ASSERT(ctx->mem_buffer != NULL) failed"))
        .isTrue();
    assertThat(NativeCallbacks.saysNoMemory("failed to allocate 12 bytes")).isTrue();
    assertThat(NativeCallbacks.saysNoMemory("GGML_ASSERT(seq_id >= 0) failed")).isFalse();
  }

  @Test
  void anAbortOfLlamaCppPrintsTheJavaStackAndExits70() throws Exception {
    String model = System.getProperty("vignette.root") + "/models/mini/mini-llava-Q8_0.gguf";
    ProcessBuilder child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dvignette.native=" + System.getProperty("vignette.native"),
            "-cp",
            System.getProperty("java.class.path"),
            Abort.class.getName(),
            model);
    child.environment().remove("GGML_NO_BACKTRACE");
    Process process = child.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output)
        .contains("native failure")
        .contains("GGML_ASSERT")
        .contains("removeFromASequenceThatDoesNotExist");
    assertThat(process.exitValue()).isEqualTo(NativeCallbacks.NATIVE_FAILURE);
  }
}
