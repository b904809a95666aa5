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
    assertThatThrownBy(() -> read("[1]")).hasMessageContainingAll(file, "it is a list", REMEDY);
    assertThatThrownBy(() -> read("")).hasMessageContainingAll(file, "it is empty", REMEDY);
    assertThatThrownBy(() -> read("{\"args\": 3}").below("args"))
        .hasMessageContainingAll(file, "args 3", "an object of settings", REMEDY);
  }

  @Test
  void aTimmModelWithoutASettingIsToldWhichOne() throws Exception {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\"architecture\": \"mine\", \"model_args\": {\"pre_norm\": true}}");
    assertThatThrownBy(() -> TimmVit.describe(folder))
        .hasMessageContainingAll(file.toString(), "no model_args.embed_dim,", "a whole number");
  }

  @Test
  void aNumberIsFiniteAndAFlagIsTrueOrFalse() throws Exception {
    assertThat(read("{\"on\": true}").flag("on", false)).isTrue();
    assertThat(read("{\"on\": null}").flag("on", true)).isTrue();
    assertThatThrownBy(() -> read("{\"on\": \"true\"}").flag("on", false))
        .hasMessageContainingAll("on \"true\"", "true or false", REMEDY);
    assertThatThrownBy(() -> read("{\"rate\": 1e999}").number("rate"))
        .hasMessageContainingAll("config.json", "rate", "a number", REMEDY);
  }

  /** Changes one setting of a published model's configuration. */
  private void change(String model, String setting, String value) throws Exception {
    Path config = SharedData.inRepository(model).resolve("config.json");
    String text = Files.readString(config);
    String changed =
        text.replaceFirst(
            "(?s)\"%s\"\\s*:\\s*(\\[.*?\\]|[^,}\\s]+)".formatted(setting),
            "\"" + setting + "\": " + value);
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(folder.resolve("config.json"), changed);
  }

  @Test
  void aSettingOfATimmModelThatCannotBeIsSaidWithItsFile() throws Exception {
    for (String[] fault :
        new String[][] {
          {"num_heads", "3", "no multiple of the 3 heads"},
          {"depth", "0", "model_args.depth 0, and it must be a whole number from 1 to 512"},
          {"depth", "99999999", "from 1 to 512"},
          {"num_heads", "-3", "from 1 to 1048576"},
          {"embed_dim", "2147483647", "from 1 to 1048576"},
          {"img_size", "99999999", "from 1 to 8192"},
          {"patch_size", "13", "no multiple of the patch of 13"},
          {"pre_norm", "1", "true or false"},
          {"std", "[0.5, 0, 0.5]", "3 finite numbers > 0"},
          {"mean", "[0.5, 0.5]", "3 finite numbers"},
          {"mean", "\"grey\"", "3 finite numbers"}
        }) {
      change("models/mini/vit", fault[0], fault[1]);
      assertThatThrownBy(() -> TimmVit.describe(folder))
          .as("%s %s", fault[0], fault[1])
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(folder.resolve("config.json") + "", fault[2], "copy it again");
    }
  }

  @Test
  void aSettingOfAClipThatCannotBeIsSaidWithItsFile() throws Exception {
    for (String[] fault :
        new String[][] {
          {"num_attention_heads", "3", "no multiple of the 3 heads"},
          {"layer_norm_eps", "0", "text_config.layer_norm_eps 0, and it must be a number over 0"},
          {"layer_norm_eps", "1e30", "up to 1.0"},
          {"num_hidden_layers", "99999999", "num_hidden_layers 99999999, and it must be a whole"},
          {"image_size", "99999999", "vision_config.image_size 99999999, and it must be a whole"},
          {"intermediate_size", "-1", "from 1 to 1048576"},
          {"max_position_embeddings", "2000000000", "from 1 to 1048576"},
          {"vocab_size", "2000000000", "from 1 to 16777216"},
          {"projection_dim", "0", "projection_dim 0"},
          {"hidden_act", "\"relu\"", "Activation \"relu\""},
          {"patch_size", "\"16\"", "a whole number"}
        }) {
      change("models/mini/clip", fault[0], fault[1]);
      assertThatThrownBy(() -> ClipModel.load(folder))
          .as("%s %s", fault[0], fault[1])
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(folder.resolve("config.json") + "", fault[2], "published model");
    }
  }
}
