package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.yaml.ConfigException;
import dev.vignette.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final String[] SMALL = {
    "data.limit=64", "training.epochs=2", "training.batch_size=16", "training.warmup=4"
  };

  @TempDir Path folder;

  @Test
  void oneEpochOnTwoHundredImagesLowersTheLossAndLeavesItsFiles() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    TrainConfig config =
        MiniRun.config(
            folder,
            "data.limit=200",
            "training.epochs=1",
            "training.batch_size=8",
            "training.warmup=5");
    RunFolder run = MiniRun.run(config, false, recorder);
    assertThat(recorder.losses).hasSize(25);
    double start = mean(recorder.losses.subList(0, 5));
    double end = mean(recorder.losses.subList(20, 25));
    assertThat(end).isLessThan(start - 0.1);
    assertThat(Predictions.read(run.captions(0)).captions()).hasSize(200);
    assertThat(new MetricsLog(run.metrics()).lines()).hasSize(4);
    assertThat(ImageIO.read(run.curves().toFile()).getWidth()).isEqualTo(960);
    assertThat(run.best().resolve("adapter_model.safetensors")).exists();
    assertThat(run.last().resolve("projection.safetensors")).exists();
    assertThat(Files.readString(run.samples())).contains("| 000000000001 |");
    assertThat(Files.readString(run.config())).contains("learning_rate: 0.002");
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  @Test
  void theSameSeedGivesTheSameWeightsAndCachedFeaturesAreReused() throws Exception {
    MiniRun.Recorder first = new MiniRun.Recorder();
    MiniRun.Recorder second = new MiniRun.Recorder();
    RunFolder a = MiniRun.run(MiniRun.config(folder, with("run.name=a")), false, first);
    RunFolder b = MiniRun.run(MiniRun.config(folder, with("run.name=b")), false, second);
    assertThat(first.encoded).isEqualTo(64);
    assertThat(second.encoded).isZero();
    assertThat(Files.readAllBytes(b.checkpoint())).isEqualTo(Files.readAllBytes(a.checkpoint()));
  }

  private static String[] with(String... more) {
    return Stream.concat(Arrays.stream(SMALL), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void aRunInBfloat16LearnsAndKeepsFeaturesOfItsOwn() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    MiniRun.run(
        MiniRun.config(folder, with("training.precision=bf16", "training.epochs=3")),
        false,
        recorder);
    assertThat(mean(recorder.losses.subList(8, 12)))
        .isLessThan(mean(recorder.losses.subList(0, 4)) - 0.1);
    assertThat(recorder.messages.getFirst()).startsWith("Training on ").endsWith(" in bf16");
    MiniRun.Recorder exact = new MiniRun.Recorder();
    MiniRun.run(MiniRun.config(folder, with("run.name=exact")), false, exact);
    assertThat(exact.encoded).isEqualTo(64);
  }

  @Test
  void projectionEpochsLeaveTheAdaptersAlone() throws Exception {
    RunFolder run =
        MiniRun.run(
            MiniRun.config(folder, with("training.projection_epochs=1")),
            false,
            MiniRun.scores(2, 1),
            new MiniRun.Recorder());
    // The first epoch's adapter is kept as the best, the second epoch's as the last.
    assertThat(elementsOfB(run.best())).containsOnly(0);
    assertThat(elementsOfB(run.last())).doesNotContain(0);
  }

  private static float[] elementsOfB(Path adapter) throws Exception {
    float[] b = new float[160 * 16];
    Safetensors.open(adapter.resolve("adapter_model.safetensors"))
        .float32("base_model.model.transformer.h.0.attn.c_proj.lora_B.weight")
        .asFloatBuffer()
        .get(b);
    return b;
  }

  @Test
  void trainingStopsWhenPatienceIsOver() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    TrainConfig config =
        MiniRun.config(
            folder,
            with("data.limit=16", "training.epochs=9", "validation.patience=2", "lora.rank=4"));
    RunFolder run = MiniRun.run(config, false, MiniRun.scores(0.1, 0.3, 0.2, 0.3, 0.9), recorder);
    assertThat(recorder.losses).hasSize(4);
    assertThat(run.captions(3)).exists();
    assertThat(run.captions(4)).doesNotExist();
    MiniRun.Recorder resumed = new MiniRun.Recorder();
    MiniRun.run(config, true, MiniRun.scores(), resumed);
    assertThat(resumed.losses).isEmpty();
  }

  @Test
  void aRunThatExistsIsNotOverwrittenAndOtherSettingsAreNotResumed() throws Exception {
    TrainConfig config = MiniRun.config(folder, with("training.epochs=1"));
    MiniRun.run(config, false, new MiniRun.Recorder());
    assertThatThrownBy(() -> MiniRun.run(config, false, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--resume");
    TrainConfig other = MiniRun.config(folder, with("training.epochs=1", "lora.dropout=0.2"));
    assertThatThrownBy(() -> MiniRun.run(other, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("differ");
  }

  @Test
  void tooManyTrainableElementsAreRefused() throws Exception {
    TrainConfig config = MiniRun.config(folder, "training.max_trainable=1000");
    assertThatThrownBy(() -> MiniRun.run(config, false, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("199,488")
        .hasMessageContaining("max_trainable");
  }

  @Test
  void twoValidationImagesWithOneStemAreRefused() throws Exception {
    Path annotations = folder.resolve("val.json");
    Files.writeString(
        annotations,
        """
        {"images": [{"id": 1, "file_name": "000000000001.jpg"}, {"id": 2, "file_name": "a/000000000001.jpg"}],
         "annotations": [{"image_id": 1, "caption": "a"}, {"image_id": 2, "caption": "b"}]}
        """);
    TrainConfig config = MiniRun.config(folder, with("data.val.annotations=" + annotations));
    assertThatThrownBy(() -> MiniRun.run(config, false, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("val.json", "stem \"000000000001\"", "a/000000000001.jpg");
  }

  @Test
  void aRateOfZeroIsWarnedOf() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    MiniRun.run(
        MiniRun.config(
            folder,
            with(
                "training.schedule_unit=epoch",
                "training.schedule_length=1",
                "training.warmup=0",
                "validation.min_distinct=0.999")),
        false,
        recorder);
    assertThat(recorder.warnings)
        .anyMatch(w -> w.contains("learning rate is 0 in") && w.contains("in epoch 1 "));
    assertThat(recorder.warnings).anyMatch(w -> w.contains("collapsed"));
    assertThat(recorder.rates.getLast()).isZero();
  }

  @Test
  void aFinishedRunThatIsResumedKeepsItsMetrics() throws Exception {
    TrainConfig config = MiniRun.config(folder, with());
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    String before = Files.readString(run.metrics());
    assertThat(before).contains("validation");
    MiniRun.run(config, true, new MiniRun.Recorder());
    assertThat(Files.readString(run.metrics())).isEqualTo(before);
  }

  @Test
  void aMetricThatIsNotComputedIsRefusedBeforeAnythingIsTrained() throws Exception {
    TrainConfig config = MiniRun.config(folder);
    CaptionScorer scorer =
        new CaptionScorer() {
          @Override
          public SequencedMap<String, Double> score(Predictions predictions, Truth truth) {
            return MiniRun.exact(predictions, truth);
          }

          @Override
          public List<String> metrics() {
            return List.of("cider", "clipscore");
          }
        };
    assertThatThrownBy(() -> Trainer.open(config, false, scorer, new MiniRun.Recorder(), () -> 0L))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("validation.metric is exact")
        .hasMessageContaining("[cider, clipscore]");
    assertThat(config.run().folder().resolve(config.run().name())).doesNotExist();
  }
}
