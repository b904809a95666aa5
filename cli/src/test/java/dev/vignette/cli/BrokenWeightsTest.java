package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.weights.gguf.GgufFile;
import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import dev.vignette.weights.gguf.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights that are not numbers: the file at fault is named, and no other. */
class BrokenWeightsTest {
  private static final Path MINI = ProgramRun.ROOT.resolve("models/mini");
  private static final String IMAGE = MINI.resolve("data/images/val/000000000001.jpg").toString();

  @TempDir private Path folder;

  /** A copy in which a tensor begins with a number that is none: its own, or its block's scale. */
  private Path broken(String name, String tensor) throws IOException {
    Path file = Files.copy(MINI.resolve(name), folder.resolve(name));
    GgufFile header = GgufFile.read(file);
    assertThat(header.tensors()).containsKey(tensor);
    GgufTensor found = Objects.requireNonNull(header.tensors().get(tensor));
    byte[] content = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int at = Math.toIntExact(header.dataOffset() + found.offset());
    if (found.type() == TensorType.F32) {
      buffer.putFloat(at, Float.NaN);
    } else {
      buffer.putShort(at, Float.floatToFloat16(Float.NaN));
    }
    return Files.write(file, content);
  }

  private static Stream<String> tensors() {
    return GgufFile.read(MINI.resolve("mini-llava-Q8_0.gguf")).tensors().keySet().stream()
        // an embedding is read with its token only
        .filter(name -> !name.equals("token_embd.weight"));
  }

  /** On processors whose quantization passes over what is not a number, too. */
  @ParameterizedTest
  @MethodSource("tensors")
  void aNumberThatIsNoneAnywhereInTheModelGivesNoCaption(String tensor) throws IOException {
    Path model = broken("mini-llava-Q8_0.gguf", tensor);
    ProgramRun run = caption(model, MINI.resolve("mini-llava-mmproj-f16.gguf"), "--num-beams", "3");
    assertThat(run.code()).as(run.out() + run.err()).isIn(2, 70);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains(model.getFileName().toString())
        .doesNotContain("mmproj", "\tat ");
  }

  private ProgramRun caption(Path model, Path projector, String... more) {
    String[] words = {
      "llava", "caption", "-m", model.toString(), "--mmproj", projector.toString(), IMAGE
    };
    String[] all = new String[words.length + more.length];
    System.arraycopy(words, 0, all, 0, words.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return ProgramRun.of(all);
  }

  @Test
  void aProjectorThatComputesNoNumbersIsNamedAndNotTheModel() throws IOException {
    Path model = MINI.resolve("mini-llava-Q8_0.gguf");
    Path projector = broken("mini-llava-mmproj-f16.gguf", "mm.2.weight");
    ProgramRun one = caption(model, projector);
    assertThat(one.code()).as(one.err()).isEqualTo(70);
    assertThat(one.err())
        .contains("projector '" + projector + "'", "features that are not numbers")
        .doesNotContain(model.getFileName().toString(), "\tat ");

    ProgramRun saved =
        caption(
            model,
            projector,
            MINI.resolve("data/images/val/000000000002.jpg").toString(),
            "-o",
            folder.resolve("o.json").toString());
    assertThat(saved.code()).as(saved.err()).isEqualTo(1);
    assertThat(saved.err())
        .contains("projector '" + projector + "'", "0 captioned, 0 reused, 2 failed")
        .doesNotContain(model.getFileName().toString(), "\tat ");
  }

  /** As a download that made room for all and was not finished leaves it. */
  private Path unfinished(String name) throws IOException {
    Path file = Files.copy(MINI.resolve(name), folder.resolve(name));
    byte[] content = Files.readAllBytes(file);
    Arrays.fill(content, content.length - 50_000, content.length, (byte) 0);
    return Files.write(file, content);
  }

  @Test
  void aFileThatEndsInZerosIsNamed() throws IOException {
    Path model = MINI.resolve("mini-llava-Q8_0.gguf");
    Path projector = MINI.resolve("mini-llava-mmproj-f16.gguf");
    ProgramRun ofModel = caption(unfinished("mini-llava-Q8_0.gguf"), projector);
    assertThat(ofModel.code()).as(ofModel.out()).isEqualTo(2);
    assertThat(ofModel.err()).contains("mini-llava-Q8_0.gguf has zeros in place of tensor");
    ProgramRun ofProjector = caption(model, unfinished("mini-llava-mmproj-f16.gguf"));
    assertThat(ofProjector.code()).as(ofProjector.out()).isEqualTo(2);
    assertThat(ofProjector.err())
        .contains("mini-llava-mmproj-f16.gguf has zeros in place of tensor");
  }

  @Test
  void aModelThatComputesNoNumbersIsNamedAndNotTheProjector() throws IOException {
    Path model = broken("mini-llava-Q8_0.gguf", "output.weight");
    ProgramRun run = caption(model, MINI.resolve("mini-llava-mmproj-f16.gguf"));
    assertThat(run.code()).as(run.err()).isEqualTo(70);
    assertThat(run.err())
        .contains("the language model '" + model, "'output.weight' has invalid data", "damaged")
        .doesNotContain("mmproj", "\tat ");
  }
}
