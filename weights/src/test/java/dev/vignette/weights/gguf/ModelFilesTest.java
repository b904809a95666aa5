package dev.vignette.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {

  @TempDir private Path folder;

  private Path model() {
    return SampleFiles.languageModel().write(folder.resolve("model.gguf"));
  }

  private Path projector() {
    return SampleFiles.projector().write(folder.resolve("mmproj.gguf"));
  }

  @Test
  void aModelAndItsProjectorAreTaken() {
    ModelFiles files = ModelFiles.check(model(), projector());

    assertThat(files.languageModel()).isEqualTo(LanguageModelFile.check(model()));
    assertThat(files.projector()).isEqualTo(ProjectorFile.check(projector()));
  }

  @Test
  void aProjectorForAnotherWidthIsNamedWithBothWidths() {
    Path wide =
        SampleFiles.projector()
            .tensor("mm.2.weight", GgufFixture.Storage.F16, 32, 5120)
            .tensor("mm.2.bias", GgufFixture.Storage.F32, 5120)
            .write(folder.resolve("wide.gguf"));

    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> ModelFiles.check(model(), wide))
        .withMessage(
            "%s makes embeddings of width 5,120, but the language model %s takes width 64. Give the"
                + " projector and the language model of one LLaVA (7B: width 4,096, 13B: 5,120).",
            wide, folder.resolve("model.gguf"));
  }

  @Test
  void filesGivenInEachOthersPlaceAreNamed() {
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(
            () -> ModelFiles.check(/* languageModel= */ projector(), /* projector= */ model()))
        .withMessageContaining("are given in each other's place")
        .withMessageEndingWith("Exchange the two.");
  }

  @Test
  void theSameFileForBothIsRefusedForThePlaceItDoesNotFit() {
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> ModelFiles.check(projector(), projector()))
        .withMessageContaining("is a projector (mmproj), not a language model");
    assertThatExceptionOfType(InvalidModelFileException.class)
        .isThrownBy(() -> ModelFiles.check(model(), model()))
        .withMessageContaining("It is a language model: give it as that");
  }
}
