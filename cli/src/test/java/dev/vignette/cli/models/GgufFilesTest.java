package dev.vignette.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFilesTest {
  @TempDir Path folder;

  /** Names that say the contrary of what is in the files. */
  @BeforeEach
  void write() throws IOException {
    Files.write(folder.resolve("mmproj-q4.gguf"), GgufCopies.model());
    Files.write(folder.resolve("language-f16.gguf"), GgufCopies.model(GgufCopies.Q4_K_M));
    Files.write(folder.resolve("a.gguf"), GgufCopies.projector());
    Files.writeString(folder.resolve("page.gguf"), "<html>");
  }

  private GgufFiles files(String... paths) {
    return GgufFiles.judge("org/llava", folder, List.of(paths));
  }

  private GgufFiles all() {
    return files("a.gguf", "language-f16.gguf", "mmproj-q4.gguf", "page.gguf");
  }

  @Test
  void headersSayWhatIsWhatAndNamesDoNot() {
    GgufFiles.Choice choice = all().chooseBoth(Optional.empty());

    assertThat(choice.model()).isEqualTo("language-f16.gguf");
    assertThat(choice.projector()).contains("a.gguf");
    assertThat(choice.files()).containsExactly("language-f16.gguf", "a.gguf");
  }

  @Test
  void aQuantizationIsWishedInEitherCaseOrAFileByName() {
    assertThat(all().chooseBoth(Optional.of("q8_0")).model()).isEqualTo("mmproj-q4.gguf");
    assertThat(all().chooseBoth(Optional.of("mmproj-q4.gguf")).model()).isEqualTo("mmproj-q4.gguf");
  }

  @Test
  void whatIsNotThereIsAnsweredWithWhatIs() {
    assertThatThrownBy(() -> all().chooseBoth(Optional.of("Q2_K")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("no language model Q2_K")
        .hasMessageContaining("mmproj-q4.gguf (Q8_0, 2.53 MB)")
        .hasMessageContaining("a.gguf (projector, F16)")
        .hasMessageContaining("page.gguf, which is a web page");
    assertThatThrownBy(() -> files("a.gguf").chooseBoth(Optional.empty()))
        .hasMessageContaining("no language model");
    assertThatThrownBy(() -> files("mmproj-q4.gguf").chooseBoth(Optional.empty()))
        .hasMessageContaining("--mmproj");
    assertThatThrownBy(() -> files("mmproj-q4.gguf").chooseProjector(Optional.empty()))
        .hasMessageContaining("no projector");
  }

  @Test
  void twoOfOneKindAreNotGuessedBetween() throws IOException {
    Files.write(folder.resolve("b.gguf"), GgufCopies.model());

    assertThatThrownBy(
            () -> files("a.gguf", "b.gguf", "mmproj-q4.gguf").chooseBoth(Optional.empty()))
        .hasMessageContaining("several language models Q8_0")
        .hasMessageContaining("org/llava:b.gguf");
  }
}
