package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.weights.gguf.GgufFile.GgufTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {

  @TempDir private Path folder;

  private GgufFile read(GgufFixture writer) {
    return GgufFile.read(writer.write(folder.resolve("sample.gguf")));
  }

  private static GgufTensor tensor(GgufFile file, String name) {
    return Objects.requireNonNull(file.tensors().get(name));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aHeaderOfEitherVersionIsRead(int version) {
    GgufFile file = read(SampleFiles.languageModel().version(version));

    assertThat(file.version()).isEqualTo(version);
    assertThat(file.architecture()).isEqualTo("llama");
    assertThat(file.name()).isEqualTo("Sample");
    assertThat(file.quantization()).isEqualTo("Q8_0");
    assertThat(file.alignment()).isEqualTo(32);
    assertThat(file.dataOffset()).isEqualTo(SampleFiles.languageModel().dataOffset());
    assertThat(file.tensors().keySet())
        .containsExactly("token_embd.weight", "output_norm.weight", "odd");
  }

  @Test
  void tensorsAreDescribed() {
    GgufFile file = read(SampleFiles.languageModel());

    GgufTensor embeddings = tensor(file, "token_embd.weight");
    assertThat(embeddings)
        .isEqualTo(new GgufTensor("token_embd.weight", List.of(64L, 4L), TensorType.Q8_0, 0));
    assertThat(embeddings.elements()).isEqualTo(256);
    assertThat(embeddings.bytes()).isEqualTo(8 * 34);
    assertThat(tensor(file, "output_norm.weight").offset()).isEqualTo(288);
    assertThat(tensor(file, "odd").bytes()).isEqualTo(12);
  }

  @Test
  void valuesAreFoundByKeyAndType() {
    GgufFixture writer =
        SampleFiles.languageModel()
            .flag("flag", true)
            .uint16("small", 65_535)
            .uint32("large", 0xFFFF_FFFFL)
            .int32("signed", -7)
            .float32("real", 1.5f)
            .int32s("integers", 3, -1)
            .float32s("reals", 0.5f, -2)
            .text("words", "née 東京");

    Metadata metadata = read(writer).metadata();

    assertThat(metadata.flag("flag")).hasValue(true);
    assertThat(metadata.uint16("small")).hasValue(65_535);
    assertThat(metadata.uint32("large")).hasValue(4_294_967_295L);
    assertThat(metadata.int32("signed")).hasValue(-7);
    assertThat(metadata.float32("real")).hasValue(1.5f);
    assertThat(metadata.int32s("integers")).containsExactly(3, -1);
    assertThat(metadata.float32s("reals")).containsExactly(0.5f, -2f);
    assertThat(metadata.text("words")).hasValue("née 東京");
    assertThat(metadata.stringCount("tokenizer.ggml.tokens")).hasValue(4);
  }

  @Test
  void absentKeysAreNoError() {
    Metadata metadata = read(SampleFiles.languageModel()).metadata();

    assertThat(metadata.text("none")).isEmpty();
    assertThat(metadata.flag("none")).isEmpty();
    assertThat(metadata.uint16("none")).isEmpty();
    assertThat(metadata.uint32("none")).isEmpty();
    assertThat(metadata.int32("none")).isEmpty();
    assertThat(metadata.float32("none")).isEmpty();
    assertThat(metadata.int32s("none")).isEmpty();
    assertThat(metadata.float32s("none")).isEmpty();
    assertThat(metadata.stringCount("none")).isEmpty();
  }

  @Test
  void longArraysAndTextsAreSkippedAndWhatFollowsIsRead() {
    GgufFile file =
        read(
            SampleFiles.languageModel()
                .int32s("long", new int[100_000])
                .text("huge", "x".repeat(3_000_000))
                .strings("words", "w".repeat(70_000), "", "w")
                .uint32("after", 42));

    assertThat(file.metadata().uint32("after")).hasValue(42);
    assertThat(file.metadata().stringCount("words")).hasValue(3);
    assertThat(file.tensors()).hasSize(3);
  }

  @Test
  void anotherAlignmentMovesTheData() {
    GgufFile file = read(SampleFiles.languageModel().alignment(4096));

    assertThat(file.alignment()).isEqualTo(4096);
    assertThat(file.dataOffset()).isEqualTo(4096);
    assertThat(tensor(file, "odd").offset()).isEqualTo(8192);
  }

  @Test
  void aFileWithoutTheLastPaddingIsWhole() {
    int padding = 32 - 12;

    assertThat(read(SampleFiles.languageModel().cutTo(-padding)).tensors()).hasSize(3);
  }

  @Test
  void aFileWithoutTensorsOrWithMoreBehindThemIsRead() {
    int whole = SampleFiles.languageModel().bytes().length;

    assertThat(read(SampleFiles.languageModel().withoutTensors()).tensors()).isEmpty();
    assertThat(read(SampleFiles.languageModel().cutTo(whole + 5)).fileBytes()).isEqualTo(whole + 5);
  }

  @Test
  void aFileOfMoreThanFourGigabytesIsReadByItsHead() throws IOException {
    GgufFixture writer =
        new GgufFixture()
            .text("general.architecture", "llama")
            .tensor("big", 0, 0, 1L << 20, 1L << 11);
    Path path = writer.write(folder.resolve("sparse.gguf"));
    long required = 8_589_934_592L + writer.dataOffset();
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(required);
    }

    assertThat(tensor(GgufFile.read(path), "big").bytes()).isEqualTo(8_589_934_592L);
  }

  @Test
  void aFileThatNamesNoQuantizationHasThatOfMostOfItsData() {
    assertThat(read(SampleFiles.languageModel().without("general.file_type")).quantization())
        .isEqualTo("Q8_0");
    assertThat(read(SampleFiles.languageModel().uint32("general.file_type", 15)).quantization())
        .isEqualTo("Q4_K_M");
    assertThat(
            read(SampleFiles.languageModel().uint32("general.file_type", 1024 + 1)).quantization())
        .isEqualTo("F16");
  }

  @Test
  void aFileThatNamesNoModelHasTheNameOfTheFile() {
    assertThat(read(SampleFiles.languageModel().without("general.name")).name())
        .isEqualTo("sample.gguf");
  }
}
