package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.fixture.SharedData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainConfigReaderTest {
  private static final String LEAST =
      """
      run: {name: x}
      data:
        train: {annotations: t.json, images: t}
        val: {annotations: v.json, images: v}
      encoder: {model: enc}
      decoder: {model: gpt2}
      """;

  @TempDir Path folder;

  private TrainConfig read(String yaml, String... overrides) throws Exception {
    Path file = folder.resolve("train.yaml");
    Files.writeString(file, yaml);
    return TrainConfigReader.read(file, List.of(overrides));
  }

  @Test
  void pathsAreRelativeToTheFileAndDefaultsAreFilledIn() throws Exception {
    TrainConfig config = read(LEAST);
    assertThat(config.data().train().annotations()).isEqualTo(folder.resolve("t.json"));
    assertThat(config.decoder().model()).isEqualTo("gpt2");
    assertThat(config.training().packing()).isTrue();
    assertThat(config.lora().alpha()).isEqualTo(32);
    assertThat(config.training().precision()).isEqualTo(PrecisionChoice.AUTO);
    assertThat(config.effectiveYaml())
        .contains("precision: auto")
        .contains("packing: true")
        .contains("rank: 16");
  }

  @Test
  void overridesWinAndAppearInTheEffectiveConfiguration() throws Exception {
    TrainConfig config = read(LEAST, "lora.rank=4", "training.packing=off", "lora.targets=[wte]");
    assertThat(config.lora().rank()).isEqualTo(4);
    assertThat(config.training().packing()).isFalse();
    assertThat(config.lora().targets()).containsExactly("wte");
    assertThat(config.effectiveYaml()).contains("rank: 4");
    assertThat(read(LEAST, "validation.clip=null").validation().clip()).isEmpty();
  }

  @Test
  void aWrongValueIsNamedWithItsLineAndWhatIsAllowed() {
    assertThatThrownBy(() -> read(LEAST + "training:\n  epochs: many\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.yaml line 8")
        .hasMessageContaining("training.epochs is \"many\"")
        .hasMessageContaining("a whole number >= 1");
    assertThatThrownBy(() -> read(LEAST + "training: {schedule: cosin}\n"))
        .hasMessageContaining("line 7")
        .hasMessageContaining("one of [constant, cosine, linear]");
    assertThatThrownBy(() -> read(LEAST + "training: {precision: fp16}\n"))
        .hasMessageContaining("training.precision is \"fp16\"")
        .hasMessageContaining("one of [auto, fp32, bf16]");
    assertThatThrownBy(() -> read(LEAST + "projection: {dropout: 1.5}\n"))
        .hasMessageContaining("line 7")
        .hasMessageContaining("< 1.0");
  }

  @Test
  void anOverrideWithoutAValueIsRefusedAndNullIsTheDefault() throws Exception {
    assertThatThrownBy(() -> MiniRun.config(Path.of("x"), "training.epochs="))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--set training.epochs= has no value");
    assertThat(MiniRun.config(Path.of("x"), "training.epochs=null").training().epochs())
        .isPositive();
  }

  @Test
  void aSettingThatDoesNotExistIsNamedWithThoseThatDo() {
    assertThatThrownBy(() -> read(LEAST + "lora:\n  rnak: 4\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("line 8")
        .hasMessageContaining("lora.rnak")
        .hasMessageContaining("rank");
    assertThatThrownBy(() -> read(LEAST, "lora.rank=no"))
        .hasMessageContaining("--set lora.rank=no");
  }

  @Test
  void aRunsNameIsThatOfOneFolder() {
    for (String name : List.of("../x", "a/b", "..", "'a\\\\b'", "'  '", "é".repeat(128))) {
      assertThatThrownBy(() -> read(LEAST, "run.name=" + name))
          .as(name)
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll("run.name is", "the name of one folder");
    }
  }

  @Test
  void moreThreadsThanAnyProcessorHasAreRefused() {
    assertThatThrownBy(() -> read(LEAST, "training.threads=129"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("training.threads is \"129\"", "<= 128");
    assertThatThrownBy(() -> read(LEAST, "training.epochs=99999999999"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("training.epochs is \"99999999999\", out of range; it must be");
  }

  @Test
  void anAlphaThatIsNotPositiveIsRefusedInPlainWords() {
    assertThatThrownBy(() -> read(LEAST + "lora: {alpha: 0}\n"))
        .hasMessageContainingAll("line 7", "lora.alpha is \"0\"", "a number > 0");
  }

  @Test
  void aRankThatIsNotWholeIsRefusedWithItsLine() {
    assertThatThrownBy(() -> read(LEAST + "lora:\n  rank_pattern: {lm_head: 4.7}\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.yaml line 8")
        .hasMessageContaining("lora.rank_pattern.lm_head is \"4.7\"")
        .hasMessageContaining("a whole number >= 1");
    assertThatThrownBy(() -> read(LEAST, "lora.rank_pattern={wte: 0}"))
        .hasMessageContaining("a whole number >= 1");
  }

  @Test
  void projectionEpochsThatLeaveNoneToTheAdaptersAreRefused() throws Exception {
    assertThatThrownBy(() -> read(LEAST + "training: {epochs: 3, projection_epochs: 3}\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.yaml line 7")
        .hasMessageContaining("training.projection_epochs is 3")
        .hasMessageContaining("less than training.epochs");
    assertThat(
            read(LEAST, "training.epochs=3", "training.projection_epochs=2")
                .training()
                .projectionEpochs())
        .isEqualTo(2);
  }

  @Test
  void theEffectiveConfigurationMeansTheSameFromAnotherFolder() throws Exception {
    Files.createDirectory(folder.resolve("enc"));
    TrainConfig config = read(LEAST, "validation.clip=../clip", "lora.rank_pattern={lm_head: 4}");
    Path elsewhere = Files.createDirectories(folder.resolve("runs/x")).resolve("config.yaml");
    Files.writeString(elsewhere, config.effectiveYaml());
    assertThat(TrainConfigReader.read(elsewhere, List.of())).isEqualTo(config);
    TrainConfig renamed = TrainConfigReader.read(elsewhere, List.of("run.name=y"));
    assertThat(renamed.run().folder()).isEqualTo(folder.resolve("runs"));
    assertThat(renamed.encoder()).isEqualTo(config.encoder());
    assertThat(renamed.encoder().model()).isEqualTo(folder.resolve("enc").toString());
    assertThat(renamed.encoder().cache()).isEqualTo(folder.resolve("runs/features"));
    assertThat(renamed.decoder().model()).isEqualTo("gpt2");
    assertThat(renamed.validation().clip()).contains(folder.resolveSibling("clip"));
  }

  @Test
  void aMissingSettingIsNamed() {
    assertThatThrownBy(() -> read(LEAST.replace("name: x", "")))
        .hasMessageContaining("run.name is missing");
  }

  @Test
  void theMiniaturesConfigurationIsReadable() throws Exception {
    TrainConfig config =
        TrainConfigReader.read(SharedData.inRepository("models/mini/train.yaml"), List.of());
    assertThat(Path.of(config.encoder().model())).isDirectory();
    assertThat(config.training().schedule().rate()).isEqualTo(2e-3);
  }
}
