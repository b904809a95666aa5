package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.llava.CaptionSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a comparison writes is neither its report twice nor what it reads. */
class ComparisonFilesTest {
  @TempDir private Path folder;

  private void assertRefused(String setting, List<Path> read, String... words) {
    ImageInputs none = new ImageInputs(List.of(), List.of(), List.of());
    List<CaptionSetting> settings =
        List.of(new CaptionSetting(setting, "Say it.", GenerationConfig.builder().build()));
    assertThatThrownBy(() -> LlavaComparison.files(folder, settings, KeyMode.STEM, none, read))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void theCaptionsOfASettingAreNotWrittenOverByTheReport() {
    assertRefused("comparison", List.of(), "comparison.json and the setting comparison");
  }

  @Test
  void anInputInTheFolderIsNoSettingsFile() throws IOException {
    Path input = Files.writeString(folder.resolve("brief.json"), "{\"1\": \"a cat\"}");
    assertRefused("brief", List.of(input), "the setting brief would replace", "brief.json");
    assertThat(input).hasContent("{\"1\": \"a cat\"}");
    Path report = Files.writeString(folder.resolve("comparison.md"), "mine");
    assertRefused("brief", List.of(report), "comparison.md would replace");
  }
}
