package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.torch.clip.ClipModel;
import dev.vignette.torch.fixture.SharedData;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonSettingsTest {
  private static final String REMEDY = "get it again";

  @TempDir Path folder;

  private JsonSettings read(String text) throws Exception {
    return JsonSettings.read(Files.writeString(folder.resolve("config.json"), text), REMEDY);
  }

  /** A model of the repository whose JSON files begin with a byte order mark. */
  private Path marked(String model) throws Exception {
    Path copy = Files.createDirectory(folder.resolve("marked"));
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(SharedData.inRepository(model), Files::isRegularFile)) {
      for (Path file : files) {
        Path target = copy.resolve(file.getFileName());
        if (file.toString().endsWith(".json")) {
          Files.writeString(target, "\uFEFF" + Files.readString(file));
        } else {
          Files.copy(file, target);
        }
      }
    }
    return copy;
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheSettings() throws Exception {
    assertThat(read("\uFEFF{\"width\": 3}").integer("width")).isEqualTo(3);
    Path vit = SharedData.inRepository("models/mini/vit");
    assertThat(TimmVit.describe(marked("models/mini/vit")).shape())
        .isEqualTo(TimmVit.describe(vit).shape());
  }

  @Test
  void aClipWhoseJsonFilesAreMarkedIsLoaded() throws Exception {
    try (ClipModel clip = ClipModel.load(marked("models/mini/clip"))) {
      assertThat(clip.embeddingWidth()).isEqualTo(128);
    }
  }

  @Test
  void whatIsNoJsonIsSaidWithItsFileLineAndRemedy() {
    String file = folder.resolve("config.json").toString();
    assertThatThrownBy(() -> read("{\n\"width\": 3,,\n}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(file, "no JSON at line 2", REMEDY);
    assertThatThrownBy(() -> read("[1]")).hasMessageContainingAll(file, "ARRAY", REMEDY);
    assertThatThrownBy(() -> read("")).hasMessageContainingAll(file, REMEDY);
    assertThatThrownBy(() -> read("{\"args\": 3}").below("args"))
        .hasMessageContainingAll(file, "args 3", "an object of settings", REMEDY);
  }

  @Test
  void aTimmModelWithoutASettingIsToldWhichOne() throws Exception {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\"architecture\": \"mine\", \"model_args\": {\"pre_norm\": true}}");
    assertThatThrownBy(() -> TimmVit.describe(folder))
        .hasMessageContainingAll(file.toString(), "no embed_dim,", "a whole number");
  }
}
