package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** GGUF files that are damaged: every kind is refused with a sentence that names it. */
class BrokenGgufTest {

  private static final int Q4_2 = 4;
  private static final int DATA_BYTES = 288 + 256 + 32;

  @TempDir private Path folder;

  record Broken(String kind, UnaryOperator<GgufFixture> breaking, String phrase) {
    @Override
    public String toString() {
      return kind;
    }
  }

  private static Stream<Broken> brokenHeaders() {
    return Stream.of(
        new Broken("version 1", w -> w.version(1), "has GGUF version 1; versions 2 and 3"),
        new Broken("version 4", w -> w.version(4), "has GGUF version 4; versions 2 and 3"),
        new Broken("version 0", w -> w.version(0), "has GGUF version 0; versions 2 and 3"),
        new Broken(
            "big-endian", w -> w.version(0x03000000), "big-endian GGUF file: its version reads"),
        new Broken(
            "cut off in the fixed fields",
            w -> w.cutTo(13),
            "cut off in its header at byte 13: its beginning needs at least 3"),
        new Broken(
            "cut off in the keys",
            w -> w.cutTo(90),
            "cut off in its header at byte 90: metadata key 'general.name'"),
        new Broken(
            "cut off in the vocabulary",
            w -> w.cutTo(310),
            "cut off in its header at byte 310: metadata key 'tokenizer.ggml.tokens'"),
        new Broken(
            "cut off in the tensor infos",
            w -> w.cutTo(w.dataOffset() - 45),
            ": tensor 'odd' needs at least"),
        new Broken(
            "cut off before the tensor data",
            w -> w.cutTo(w.dataOffset()),
            "cut off: it ends at byte "),
        new Broken(
            "cut off in the tensor data",
            w -> w.cutTo(-21),
            "cut off: it ends at byte 1,163 of 1,164"),
        new Broken("too many keys", w -> w.keyCount(1L << 40), "claims to hold 1,099,511,627,776"),
        new Broken(
            "a negative number of keys",
            w -> w.keyCount(-1),
            "claims to hold 18446744073709551615 metadata keys"),
        new Broken(
            "too many tensors",
            w -> w.tensorCount(Long.MAX_VALUE),
            "at most 131,072 are plausible"),
        new Broken("more keys than there are", w -> w.keyCount(11), "metadata key"),
        new Broken(
            "more tensors than there are", w -> w.tensorCount(5), "has the tensor '' twice"));
  }

  private static Stream<Broken> brokenValues() {
    return Stream.of(
        new Broken(
            "a token twice",
            w -> w.strings("tokenizer.ggml.tokens", "<unk>", "<s>", "a", "a"),
            "has the token 'a' twice in its vocabulary"),
        new Broken(
            "a byte without its token",
            w -> w.strings("tokenizer.ggml.tokens", "<unk>", "<0x00>", "<0x01>", "<0x03>"),
            "has no token <0x02> in its vocabulary"),
        new Broken(
            "an impossible text",
            w -> w.value("text", 8, new GgufFixture.Bytes().int64(1L << 62)),
            "text of 4,611,686,018,427,387,904 bytes in metadata key 'text'"),
        new Broken(
            "a text beyond the end",
            w -> w.value("text", 8, new GgufFixture.Bytes().int64(1L << 24)),
            "metadata key 'text' needs at least"),
        new Broken(
            "a name that is too long",
            w -> w.uint32("k".repeat(65_536), 1),
            "name of 65,536 bytes"),
        new Broken("an empty key", w -> w.uint32("", 1), "empty name for metadata key number 9"),
        new Broken("a key twice", w -> w.repeatingKey("general.name"), "key 'general.name' twice"),
        new Broken(
            "an unknown value type",
            w -> w.value("odd", 13, new GgufFixture.Bytes().int64(0)),
            "metadata key 'odd' with the unknown value type 13"),
        new Broken(
            "an unknown type of array elements",
            w -> w.array("odd", -1, 1, new GgufFixture.Bytes().int64(0)),
            "unknown value type 4294967295"),
        new Broken(
            "an array of arrays",
            w -> w.array("odd", 9, 1, new GgufFixture.Bytes().int64(0)),
            "array of arrays"),
        new Broken(
            "an array of impossible length",
            w -> w.array("odd", 0, 1L << 62, new GgufFixture.Bytes().int64(0)),
            "array of 4,611,686,018,427,387,904 values"),
        new Broken(
            "an array beyond the end",
            w -> w.array("odd", 10, 1L << 25, new GgufFixture.Bytes().int64(0)),
            "metadata key 'odd' needs at least"),
        new Broken(
            "an array of strings beyond the end",
            w -> w.array("odd", 8, 1L << 25, new GgufFixture.Bytes().int64(0)),
            "text of 274,877,906,946 bytes in metadata key 'odd'"),
        new Broken(
            "an alignment that is no power of two",
            w -> w.uint32("general.alignment", 48),
            "'general.alignment' to 48; it must be a power of two"),
        new Broken(
            "an alignment of zero",
            w -> w.uint32("general.alignment", 0),
            "must be a power of two"),
        new Broken(
            "an alignment of the wrong type",
            w -> w.text("general.alignment", "32"),
            "must be uint32, but is string"));
  }

  private static Stream<Broken> brokenTensors() {
    return Stream.of(
        new Broken("a tensor twice", w -> w.repeatingTensor("odd"), "has the tensor 'odd' twice"),
        new Broken(
            "a tensor name that is too long",
            w -> w.tensor("t".repeat(64), GgufFixture.Storage.F32, 1),
            "name of 64 bytes"),
        new Broken(
            "an unknown tensor type",
            w -> w.tensor("new", 99, DATA_BYTES, 32),
            "tensor 'new' with the unknown tensor type 99"),
        new Broken(
            "a removed tensor type",
            w -> w.tensor("old", Q4_2, DATA_BYTES, 32),
            "tensor 'old' with the unknown tensor type 4"),
        new Broken(
            "five dimensions",
            w -> w.tensor("deep", 0, DATA_BYTES, 1, 1, 1, 1, 1),
            "tensor 'deep' with 5 dimensions"),
        new Broken(
            "a dimension of zero", w -> w.tensor("flat", 0, DATA_BYTES, 0), "must be at least 1"),
        new Broken(
            "a negative dimension",
            w -> w.tensor("flat", 0, DATA_BYTES, 4, -1),
            "must be at least 1"),
        new Broken(
            "dimensions whose product overflows",
            w -> w.tensor("vast", 0, DATA_BYTES, 1L << 40, 1L << 40),
            "tensor 'vast' with dimensions [1099511627776, 1099511627776], more elements"),
        new Broken(
            "a size in bytes that overflows",
            w -> w.tensor("vast", 0, DATA_BYTES, 1L << 61),
            "more elements than can be counted"),
        new Broken(
            "an end that overflows",
            w -> w.tensor("vast", 0, DATA_BYTES, (1L << 61) - 1),
            "tensors of more bytes than can be counted, up to 'vast'"),
        new Broken(
            "rows that are no multiple of a block",
            w -> w.tensor("rough", 8, DATA_BYTES, 33),
            "rows of 33 elements; Q8_0 stores 32 together"),
        new Broken(
            "an offset off the alignment",
            w -> w.tensor("late", 0, DATA_BYTES + 4, 1),
            "at offset 580, which is not a multiple of the alignment 32"),
        new Broken(
            "an offset out of range",
            w -> w.tensor("late", 0, 1L << 50, 1),
            "which is beyond the end of the file"),
        new Broken(
            "a negative offset",
            w -> w.tensor("late", 0, Long.MIN_VALUE, 1),
            "which is beyond the end of the file"),
        new Broken(
            "data in data", w -> w.tensor("late", 0, 32, 1), "but the data before it ends at 576"),
        new Broken(
            "a gap in the data",
            w -> w.tensor("late", 0, DATA_BYTES + 64, 1).cutTo(5000),
            "at offset 640, but the data before it ends at 576"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"brokenHeaders", "brokenValues", "brokenTensors"})
  void isRefusedWithASentence(Broken broken) {
    Path path =
        broken.breaking().apply(SampleFiles.languageModel()).write(folder.resolve("broken.gguf"));

    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> GgufFile.read(path))
        .withMessageStartingWith(path + " ")
        .withMessageContaining(broken.phrase())
        .withMessageMatching("(?s).*\\. [A-Z].*\\.");
  }

  @Test
  void everyFileThatIsCutOffIsRefusedAtTheByteWhereItEnds() {
    int whole = SampleFiles.languageModel().bytes().length - 20;

    IntStream.range(4, whole)
        .forEach(length -> {
          Path path = SampleFiles.languageModel().cutTo(length).write(folder.resolve("cut.gguf"));
          assertThatExceptionOfType(InvalidModelFileException.class)
              .isThrownBy(() -> GgufFile.read(path))
              .withMessageContaining("is cut off")
              .withMessageContaining(" at byte " + Wording.number(length));
        });
    assertThat(
            GgufFile.read(
                    SampleFiles.languageModel().cutTo(whole).write(folder.resolve("cut.gguf")))
                .fileBytes())
        .isEqualTo(whole);
  }

  @Test
  void rubbishInMessagesIsShortenedAndMadePrintable() {
    Path path =
        SampleFiles.languageModel()
            .value("\u001b[31m\n" + "x".repeat(100), 13, new GgufFixture.Bytes().int64(0))
            .write(folder.resolve("rubbish.gguf"));

    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> GgufFile.read(path))
        .withMessageContaining("metadata key '?[31m?xxx")
        .withMessageContaining("xxx...'");
  }
}
