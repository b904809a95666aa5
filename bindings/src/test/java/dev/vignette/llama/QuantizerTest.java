package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llama.Quantizer.QuantizationType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
  void aDiskThatTakesNothingIsSaidAndWhatKilledProcessesLeftIsRemoved() throws IOException {
    assumeTrue(Files.exists(F16), "mini-llava-f16.gguf is not beside the checkout");
    Path proc = Path.of("/proc/self");
    assumeTrue(Files.isDirectory(proc), "needs /proc, where nothing can be written");
    Path output = proc.resolve("q8.gguf");
    assertThatThrownBy(() -> Quantizer.quantize(F16, output, QuantizationType.Q8_0, 2))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll("q8.gguf' cannot be written (no permission in", "another folder");
    String running =
        ".vignette-%d.partial".formatted(ProcessHandle.current().parent().orElseThrow().pid());
    Files.createFile(folder.resolve(running));
    Files.createFile(folder.resolve(".vignette-999999999.partial"));
    Quantizer.quantize(F16, folder.resolve("q8.gguf"), QuantizationType.Q8_0, 2);
    assertThat(list()).containsExactlyInAnyOrder("q8.gguf", running);
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
  void weightsThatAreNoNumbersAreSaidToBeDamage() throws IOException {
    assumeTrue(Files.exists(F16), "mini-llava-f16.gguf is not beside the checkout");
    byte[] bytes = Files.readAllBytes(F16);
    ByteBuffer weights = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = bytes.length - 4; at > bytes.length / 2; at -= 4) {
      weights.putInt(at, 0x7fc07e00); // no number in float32, and none in two of float16
    }
    Path broken = Files.write(folder.resolve("broken.gguf"), bytes);
    Path output = folder.resolve("q4.gguf");
    assertThatThrownBy(() -> Quantizer.quantize(broken, output, QuantizationType.Q4_K_M, 2))
        .isInstanceOf(LlamaException.class)
        .hasMessageContainingAll("could not quantize", "broken.gguf", "damaged, get it again");
    assertThat(list()).containsExactly("broken.gguf");
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

  /** Refuses before any work, and leaves all as it was. */
  private void assertRefused(Path input, Path output, String sentence) throws IOException {
    byte[] before = Files.readAllBytes(input);
    assertThatThrownBy(() -> Quantizer.quantize(input, output, QuantizationType.Q4_0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence)
        .hasMessageContaining(output.toString());
    assertThat(Files.readAllBytes(input)).isEqualTo(before);
  }

  @Test
  void anOutputThatIsTheInputByAnotherNameIsRefused() throws IOException {
    Path real = Files.createDirectory(folder.resolve("d"));
    Path model = Files.copy(NativeTest.LANGUAGE_MODEL, real.resolve("m.gguf"));
    Path linked = Files.createSymbolicLink(folder.resolve("e"), real).resolve("m.gguf");
    assertRefused(model, linked, "same file");
    assertRefused(linked, model, "same file");
    Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), model);
    assertRefused(link, model, "same file");
    assertRefused(model, link, "same file");
    assertRefused(model, Files.createLink(folder.resolve("hard.gguf"), model), "same file");
  }

  @Test
  void aPartOfTheInputIsNoOutput() throws IOException {
    Path first = Files.copy(NativeTest.LANGUAGE_MODEL, folder.resolve("m-00001-of-00002.gguf"));
    Path second = Files.writeString(folder.resolve("m-00002-of-00002.gguf"), "the rest");
    assertRefused(first, second, "same file");
    assertThat(second).hasContent("the rest");
  }

  @Test
  void aDeviceAFolderAndALinkToNothingAreNoOutputs() throws IOException {
    assertRefused(NativeTest.LANGUAGE_MODEL, Path.of("/dev/null"), "regular file");
    assertRefused(NativeTest.LANGUAGE_MODEL, folder, "regular file");
    Path dangling =
        Files.createSymbolicLink(folder.resolve("dangling.gguf"), folder.resolve("gone.gguf"));
    assertRefused(NativeTest.LANGUAGE_MODEL, dangling, "is not there");
    assertThat(Files.isSymbolicLink(dangling)).isTrue();
  }

  private Stream<String> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
