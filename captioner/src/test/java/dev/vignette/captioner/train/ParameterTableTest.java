package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterTableTest {
  @ParameterizedTest
  @CsvSource({"seed-best,7630112", "seed-embeddings,7658784", "seed-rank16,5299488"})
  void theSeedsSettingsCountAsPublished(String name, long trainable) throws Exception {
    TrainConfig config =
        TrainConfigReader.read(
            SharedData.inRepository("captioner/configs/%s.yaml".formatted(name)), List.of());
    ParameterTable table = ParameterTable.of(config);
    assertThat(table.trainable()).isEqualTo(trainable);
    assertThat(table.frozenDecoder()).isEqualTo(124_439_808);
    // 48 blocks of 38,361,728; class token, positions, patches and two norms: 1,414,400.
    assertThat(table.frozenEncoder()).isEqualTo(48 * 38_361_728L + 1_414_400);
  }

  @Test
  void aHeadThatIsNotTheEmbeddingIsFrozenToo(@TempDir Path folder) throws Exception {
    Path gpt2 = SharedData.inRepository("models/mini/gpt2");
    Safetensors original = Safetensors.open(gpt2.resolve("model.safetensors"));
    Files.copy(gpt2.resolve("config.json"), folder.resolve("config.json"));
    try (NDManager manager = Torch.newManager()) {
      SequencedMap<String, NDArray> untied = new LinkedHashMap<>();
      original
          .tensors()
          .keySet()
          .forEach(name -> untied.put(name, Weights.load(manager, original, name)));
      untied.put("lm_head.weight", manager.zeros(new Shape(778, 160)));
      SafetensorsWriter.write(folder.resolve("model.safetensors"), untied, Map.of());
    }
    long tied = ParameterTable.of(MiniRun.config(folder)).frozenDecoder();
    assertThat(ParameterTable.of(MiniRun.config(folder, "decoder.model=" + folder)).frozenDecoder())
        .isEqualTo(tied + 778 * 160);
  }

  @Test
  void moreThanTheLimitIsRefusedWithTheExcess() {
    assertThatThrownBy(() -> ParameterTable.requireWithin(10_000_001, 10_000_000))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("10,000,001")
        .hasMessageContaining("1 more");
  }
}
