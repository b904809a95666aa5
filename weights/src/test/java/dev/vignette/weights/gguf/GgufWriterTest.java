package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {

  @TempDir private Path folder;

  private static GgufWriter.Content zeros(int... pieces) {
    return out -> {
      for (int bytes : pieces) {
        out.write(ByteBuffer.allocate(bytes));
      }
    };
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path path = folder.resolve("m.gguf");
    GgufWriter writer =
        new GgufWriter()
            .text("general.architecture", "llama")
            .flag("yes", true)
            .uint32("large", 0xFFFF_FFFFL)
            .float32("float", 0.1f)
            .int32s("ints", List.of(-1, 2))
            .float32s("floats", List.of(0.5f))
            .texts("texts", List.of("\u2581the", "ü"))
            .tensor("a", TensorType.F32, List.of(3L), zeros(8, 4))
            .tensor("b", TensorType.Q8_0, List.of(32L, 2L), zeros(68));
    List<Long> progress = new ArrayList<>();
    writer.write(path, progress::add);
    GgufFile file = GgufFile.read(path);
    assertThat(file.fileBytes()).isEqualTo(writer.byteSize());
    assertThat(file.architecture()).isEqualTo("llama");
    assertThat(file.metadata().flag("yes")).contains(true);
    assertThat(file.metadata().uint32("large")).hasValue(0xFFFF_FFFFL);
    assertThat(file.metadata().float32("float")).contains(0.1f);
    assertThat(file.metadata().int32s("ints")).containsExactly(-1, 2);
    assertThat(file.metadata().float32s("floats")).containsExactly(0.5f);
    assertThat(file.metadata().stringCount("texts")).hasValue(2);
    assertThat(Objects.requireNonNull(file.tensors().get("b")))
        .isEqualTo(new GgufTensor("b", List.of(32L, 2L), TensorType.Q8_0, 32));
    assertThat(progress).containsExactly(8L, 12L, 80L);
  }

  @Test
  void aFailureLeavesWhatWasThereAndNothingElse() throws IOException {
    Path path = Files.writeString(folder.resolve("m.gguf"), "before");
    GgufWriter full =
        new GgufWriter()
            .tensor(
                "a",
                TensorType.F32,
                List.of(3L),
                out -> {
                  out.write(ByteBuffer.allocate(4));
                  throw new IOException("No space left on device");
                });
    assertThatThrownBy(() -> full.write(path, written -> {})).hasMessageContaining("No space left");
    GgufWriter wrong = new GgufWriter().tensor("a", TensorType.F32, List.of(3L), zeros(8));
    assertThatThrownBy(() -> wrong.write(path, written -> {}))
        .hasMessageContaining("Tensor a of [3] and type F32 takes 12 bytes, but 8 were given");
    assertThat(path).hasContent("before");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void keysAndTensorsTwiceNumbersAndShapesThatCannotBeAreRefused() {
    GgufWriter writer =
        new GgufWriter().flag("k", true).tensor("t", TensorType.F32, List.of(1L), zeros(4));
    assertThatThrownBy(() -> writer.text("k", "")).hasMessageContaining("key k is there already");
    assertThatThrownBy(() -> writer.tensor("t", TensorType.F32, List.of(1L), zeros(4)))
        .hasMessageContaining("tensor t is there already");
    assertThatThrownBy(() -> writer.uint32("n", -1)).hasMessageContaining("no uint32");
    assertThatThrownBy(() -> writer.tensor("q", TensorType.Q8_0, List.of(33L), zeros(34)))
        .hasMessageContaining("a multiple of 32");
    assertThatThrownBy(() -> writer.tensor("q", TensorType.F32, List.of(), zeros(34)))
        .hasMessageContaining("one to four");
  }
}
