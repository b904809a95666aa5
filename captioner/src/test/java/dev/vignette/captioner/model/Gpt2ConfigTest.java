package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.torch.fixture.SharedData;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Gpt2ConfigTest {
  @TempDir Path folder;

  private Gpt2Config read(String from, String to) throws Exception {
    String text = Files.readString(SharedData.inRepository("models/mini/gpt2/config.json"));
    assertThat(text).contains(from);
    Path file = folder.resolve("config.json");
    Files.writeString(file, text.replace(from, to));
    return Gpt2Config.read(file);
  }

  @Test
  void attentionThatIsScaledOtherwiseIsRefused() throws Exception {
    String inverse = "\"scale_attn_by_inverse_layer_idx\": ";
    assertThat(read(inverse + "false", inverse + "false").depth()).isEqualTo(4);
    assertThatThrownBy(() -> read(inverse + "false", inverse + "true"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("config.json", "scale_attn_by_inverse_layer_idx", "true");
    String scaled = "\"scale_attn_weights\": ";
    assertThatThrownBy(() -> read(scaled + "true", scaled + "false"))
        .hasMessageContainingAll("scale_attn_weights", "false");
  }

  @Test
  void sizesThatCannotBeAreSaidWithTheirFile() throws Exception {
    String file = folder.resolve("config.json").toString();
    assertThatThrownBy(() -> read("\"n_layer\": 4", "\"n_layer\": 0"))
        .hasMessageContainingAll(file, "n_layer 0, and it must be a whole number from 1 to 512");
    assertThatThrownBy(() -> read("\"n_layer\": 4", "\"n_layer\": 99999999"))
        .hasMessageContainingAll(file, "n_layer 99999999", "from 1 to 512");
    assertThatThrownBy(() -> read("\"vocab_size\": 778", "\"vocab_size\": 2000000000"))
        .hasMessageContainingAll(file, "from 1 to 16777216");
    assertThatThrownBy(() -> read("\"layer_norm_epsilon\": 1e-05", "\"layer_norm_epsilon\": -1"))
        .hasMessageContainingAll(file, "a number over 0");
    assertThatThrownBy(() -> read("\"n_head\": 5", "\"n_head\": 7"))
        .hasMessageContainingAll(file, "160", "7 heads");
    assertThatThrownBy(() -> read("\"n_layer\": 4", "\"n_layer\": 4,,"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(file, "no JSON at line");
  }
}
