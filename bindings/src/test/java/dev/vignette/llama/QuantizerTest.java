package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizerTest {

  private static final Path F16 =
      Path.of(System.getProperty("vignette.shared"), "miniworld/models/mini-llava-f16.gguf");

  @TempDir private Path folder;

  @Test
  void aQuantizedModelIsSmallerAndLoads() throws IOException {
    assumeTrue(Files.exists(F16), "mini-llava-f16.gguf is not beside the checkout");
    Path output = folder.resolve("q4.gguf");
    Quantizer.quantize(F16, output, QuantizationType.Q4_K_M, 2);
    assertThat(Files.size(output)).isLessThan(Files.size(F16) / 2);
    try (LlamaModel model =
        LlamaModel.load(output, ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()))) {
      assertThat(model.description()).contains("Q4_K");
    }
    assertThat(list()).containsExactly("q4.gguf");
  }

  @Test
  void aModelAlreadyQuantizedIsRefusedAndNothingIsLeft() throws IOException {
    Path output = folder.resolve("again.gguf");
    assertThatThrownBy(
            () -> Quantizer.quantize(NativeTest.LANGUAGE_MODEL, output, QuantizationType.Q4_0, 2))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("could not quantize");
    assertThat(list()).isEmpty();
  }

  @Test
  void outputsThatCannotBeAreRefused() {
    Path input = NativeTest.LANGUAGE_MODEL;
    assertThatThrownBy(() -> Quantizer.quantize(input, input, QuantizationType.Q4_0, 2))
        .hasMessageContaining("same file");
    Path nowhere = folder.resolve("missing/out.gguf");
    assertThatThrownBy(() -> Quantizer.quantize(input, nowhere, QuantizationType.Q4_0, 2))
        .hasMessageContaining("must exist");
    assertThatThrownBy(
            () -> Quantizer.quantize(input, folder.resolve("x.gguf"), QuantizationType.Q4_0, 0))
        .hasMessageContaining("1 to 512");
  }

  private Stream<String> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
