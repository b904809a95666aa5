package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.yaml.ConfigException;
import dev.vignette.torch.SharedData;
import java.util.List;
import org.junit.jupiter.api.Test;
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
  void moreThanTheLimitIsRefusedWithTheExcess() {
    assertThatThrownBy(() -> ParameterTable.requireWithin(10_000_001, 10_000_000))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("10,000,001")
        .hasMessageContaining("1 more");
  }
}
