package dev.vignette.weights.gguf;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The miniature LLaVA: the files in the repository, and those beside the checkout. */
class RealModelFilesTest {

  private static final Path EMBEDDED =
      Path.of(requireNonNull(System.getProperty("vignette.root"))).resolve("models/mini");

  private static Path shared(String name) {
    Path path =
        Path.of(requireNonNull(System.getProperty("vignette.shared")))
            .resolve("miniworld/models")
            .resolve(name);
    assumeTrue(Files.exists(path), path + " is missing");
    return path;
  }

  @Test
  void theEmbeddedModelIsTaken() {
    ModelFiles files =
        ModelFiles.check(
            EMBEDDED.resolve("mini-llava-Q8_0.gguf"),
            EMBEDDED.resolve("mini-llava-mmproj-f16.gguf"));

    LanguageModelInfo model = files.languageModel();
    assertThat(model.architecture()).isEqualTo("llama");
    assertThat(model.name()).isEqualTo("mini-llava");
    assertThat(model.contextLength()).isEqualTo(512);
    assertThat(model.embeddingLength()).isEqualTo(256);
    assertThat(model.blockCount()).isEqualTo(3);
    assertThat(model.vocabularySize()).isEqualTo(768);
    assertThat(model.quantization()).isEqualTo("Q8_0");
    assertThat(model.fileBytes()).isEqualTo(2_533_408);
    ProjectorInfo projector = files.projector();
    assertThat(projector.imageSize()).isEqualTo(112);
    assertThat(projector.patchSize()).isEqualTo(14);
    assertThat(projector.imageTokens()).isEqualTo(64);
    assertThat(projector.towerWidth()).isEqualTo(128);
    assertThat(projector.blockCount()).isEqualTo(5);
    assertThat(projector.embeddingLength()).isEqualTo(256);
    assertThat(projector.quantization()).isEqualTo("F16");
    assertThat(projector.featureLayers()).containsExactly(5);
    assertThat(projector.mean().getFirst()).isCloseTo(0.481455f, within(1e-6f));
    assertThat(projector.std().getLast()).isCloseTo(0.275777f, within(1e-6f));
  }

  @ParameterizedTest
  @CsvSource({
    "mini-llava-Q4_K_M.gguf, Q4_K_M",
    "mini-llava-Q8_0.gguf, Q8_0",
    "mini-llava-f16.gguf, F16"
  })
  void everyQuantizationOfTheMiniatureIsTaken(String name, String quantization) {
    LanguageModelInfo model = LanguageModelFile.check(shared(name));

    assertThat(model.quantization()).isEqualTo(quantization);
    assertThat(model.embeddingLength()).isEqualTo(256);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mini-llava-mmproj-f16.gguf", "mini-llava-mmproj-legacy-f16.gguf"})
  void bothKindsOfProjectorAreTaken(String name) {
    ProjectorInfo projector = ProjectorFile.check(shared(name));

    assertThat(projector.namesFeatureLayers()).isEqualTo(!name.contains("legacy"));
    assertThat(projector.embeddingLength()).isEqualTo(256);
    assertThat(projector.blockCount()).isEqualTo(5);
  }
}
