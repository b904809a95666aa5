package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelFileTest {

  @TempDir private Path folder;

  record Wrong(String kind, UnaryOperator<GgufFixture> change, String problem, String remedy) {
    @Override
    public String toString() {
      return kind;
    }
  }

  private static Stream<Wrong> otherKinds() {
    return Stream.of(
        new Wrong(
            "a projector",
            w -> SampleFiles.projector(),
            "is a projector (mmproj), not a language model",
            "Give it as the projector"),
        new Wrong(
            "a LoRA adapter",
            w -> w.text("general.type", "adapter"),
            "is a LoRA adapter, not a whole model",
            "llama-export-lora"),
        new Wrong(
            "an importance matrix",
            w -> w.text("general.type", "imatrix"),
            "is of the kind 'imatrix', not a model",
            "LLaVA's language model"),
        new Wrong(
            "a text encoder",
            w -> w.text("general.architecture", "nomic-bert"),
            "its architecture is 'nomic-bert', a text encoder",
            "LLaVA's language model"),
        new Wrong(
            "an encoder-decoder",
            w -> w.text("general.architecture", "t5"),
            "'t5', an encoder-decoder",
            "LLaVA's language model"),
        new Wrong(
            "a text diffusion model",
            w -> w.text("general.architecture", "llada"),
            "'llada', a text diffusion model",
            "LLaVA's language model"),
        new Wrong(
            "a speech model",
            w -> w.text("general.architecture", "wavtokenizer-dec"),
            "a speech model",
            "LLaVA's language model"),
        new Wrong(
            "a draft model",
            w -> w.text("general.architecture", "eagle3"),
            "a draft model",
            "LLaVA's language model"),
        new Wrong(
            "an image generator",
            w -> w.text("general.architecture", "flux"),
            "'flux', none that llama.cpp v0.5.0 runs",
            "LLaVA's language model"),
        new Wrong(
            "a model that is not causal",
            w -> w.flag("llama.attention.causal", false),
            "sets 'llama.attention.causal' to false",
            "LLaVA's language model"),
        new Wrong(
            "a vocabulary alone",
            GgufFixture::withoutTensors,
            "holds no tensors, only a vocabulary",
            "LLaVA's language model"));
  }

  private static Stream<Wrong> brokenMetadata() {
    return Stream.of(
        new Wrong(
            "no architecture",
            w -> w.without("general.architecture"),
            "lacks the metadata key 'general.architecture'",
            "download it again"),
        new Wrong(
            "no context length",
            w -> w.without("llama.context_length"),
            "lacks the metadata key 'llama.context_length'",
            "download it again"),
        new Wrong(
            "an embedding length of the wrong type",
            w -> w.int32("llama.embedding_length", 64),
            "'llama.embedding_length' with the wrong type: it must be uint32, but is int32",
            "convert it anew"),
        new Wrong(
            "a text for a number",
            w -> w.text("llama.block_count", "2"),
            "must be uint32, but is string",
            "convert it anew"),
        new Wrong(
            "more blocks than llama.cpp takes",
            w -> w.uint32("llama.block_count", 513),
            "sets 'llama.block_count' to 513, but it must lie between 1 and 512",
            "convert it anew"),
        new Wrong(
            "no blocks",
            w -> w.uint32("llama.block_count", 0),
            "must lie between 1 and 512",
            "convert it anew"),
        new Wrong(
            "an unknown kind of rope scaling",
            w -> w.text("llama.rope.scaling.type", "spiral"),
            "sets 'llama.rope.scaling.type' to 'spiral'",
            "convert it anew"),
        new Wrong(
            "no vocabulary",
            w -> w.without("tokenizer.ggml.tokens"),
            "has no vocabulary: tokenizer 'llama', 0 tokens",
            "together with its tokenizer files"),
        new Wrong(
            "a tokenizer that is none",
            w -> w.text("tokenizer.ggml.model", "no_vocab"),
            "has no vocabulary: tokenizer 'no_vocab', 4 tokens",
            "together with its tokenizer files"),
        new Wrong(
            "a vocabulary of a model that only reads",
            w -> w.text("tokenizer.ggml.model", "bert"),
            "has a vocabulary of the kind 'bert'; those of models that write are llama and gpt2",
            "convert it anew"),
        new Wrong(
            "tokens that are numbers",
            w -> w.int32s("tokenizer.ggml.tokens", 1, 2),
            "must be array of string, but is array of 2 int32",
            "convert it anew"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"otherKinds", "brokenMetadata"})
  void isRefusedWithASentence(Wrong wrong) {
    Path path =
        wrong.change().apply(SampleFiles.languageModel()).write(folder.resolve("wrong.gguf"));

    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> LanguageModelFile.check(path))
        .withMessageStartingWith(path + " ")
        .withMessageContaining(wrong.problem())
        .withMessageContaining(wrong.remedy());
  }

  @Test
  void aLanguageModelIsDescribed() {
    Path path = SampleFiles.languageModel().write(folder.resolve("model.gguf"));

    assertThat(LanguageModelFile.check(path))
        .isEqualTo(
            new LanguageModelInfo(
                path,
                "llama",
                "Sample",
                512,
                64,
                2,
                2 * 2 * 64,
                4,
                Optional.empty(),
                "Q8_0",
                SampleFiles.languageModel().bytes().length));
  }

  @Test
  void keysAndValuesAreCountedByTheHeadsThatKeepThem() {
    Path path =
        SampleFiles.languageModel()
            .uint32("llama.attention.head_count", 8)
            .uint32("llama.attention.head_count_kv", 2)
            .write(folder.resolve("model.gguf"));

    assertThat(LanguageModelFile.check(path).keyValueLength()).isEqualTo(2 * 2 * (2 * 64 / 8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "phi3", "gemma3", "mistral3", "gpt-oss", "rwkv7"})
  void otherFamiliesThatWriteTokenAfterTokenAreTaken(String family) {
    Path path =
        SampleFiles.languageModel()
            .text("general.architecture", family)
            .uint32(family + ".context_length", 1024)
            .uint32(family + ".embedding_length", 64)
            .uint32(family + ".block_count", 2)
            .write(folder.resolve("model.gguf"));

    assertThat(LanguageModelFile.check(path).architecture()).isEqualTo(family);
  }

  @ParameterizedTest
  @CsvSource({
    "attention.layer_norm_rms_epsilon, NaN, 'must be a finite number over 0'",
    "attention.layer_norm_rms_epsilon, -1, 'must be a finite number over 0'",
    "rope.freq_base, 0, 'must be a finite number over 0'",
    "rope.freq_base, Infinity, 'must be a finite number over 0'",
    "rope.scaling.factor, NaN, 'must be a finite number'"
  })
  void numbersThatNoModelComputesWithAreRefused(String key, float value, String rule) {
    Path file = folder.resolve("model.gguf");
    SampleFiles.languageModel().float32("llama." + key, value).write(file);
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> LanguageModelFile.check(file))
        .withMessageContainingAll("'llama." + key + "'", rule);
    SampleFiles.languageModel().float32("llama." + key, 1).write(file);
    LanguageModelFile.check(file);
  }

  @Test
  void tensorsBeginWhereLlamaCppCanMapThem() throws IOException {
    int refused = 0;
    for (int padding : new int[] {0, 8, 16, 24}) {
      Path file = folder.resolve(padding + ".gguf");
      GgufFixture model =
          SampleFiles.languageModel().alignment(8).text("padding", "x".repeat(padding));
      Files.write(file, model.bytes());
      if (GgufFile.read(file).dataOffset() % 32 != 0) {
        refused++;
        assertThatExceptionOfType(InvalidModelFileException.class)
            .isThrownBy(() -> LanguageModelFile.check(file))
            .withMessageContaining("maps a file only where they begin at a multiple of 32")
            .withMessageContaining("general.alignment 32");
      } else {
        assertThat(LanguageModelFile.check(file).vocabularySize()).isEqualTo(4);
      }
    }
    assertThat(refused).isEqualTo(3);
  }
}
