package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What training does, says and leaves. */
class TrainerTest {
  /** All runs, each under its name, with one cache of features. */
  @TempDir static Path folder;

  /** A run of {@link MiniRun#with} that several tests look at. */
  private static RunFolder whole = new RunFolder(Path.of("unset"));

  private static final MiniRun.Recorder HEARD = new MiniRun.Recorder();

  @BeforeAll
  static void trainTheWholeRun() throws Exception {
    whole = MiniRun.run(MiniRun.config(folder, MiniRun.with("run.name=whole")), false, HEARD);
  }

  @Test
  void oneEpochOnTwoHundredImagesLowersTheLossAndLeavesItsFiles() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    TrainConfig config =
        MiniRun.config(
            folder,
            "run.name=epoch",
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
    MiniRun.Recorder second = new MiniRun.Recorder();
    RunFolder b = MiniRun.run(MiniRun.config(folder, MiniRun.with("run.name=b")), false, second);
    assertThat(HEARD.encoded).isEqualTo(64);
    assertThat(second.encoded).isZero();
    assertThat(Files.readAllBytes(b.checkpoint()))
        .isEqualTo(Files.readAllBytes(whole.checkpoint()));
  }

  @Test
  void aRunInBfloat16LearnsAndKeepsFeaturesOfItsOwn() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    MiniRun.run(
        MiniRun.config(
            folder, MiniRun.with("run.name=bf16", "training.precision=bf16", "training.epochs=3")),
        false,
        recorder);
    assertThat(mean(recorder.losses.subList(8, 12)))
        .isLessThan(mean(recorder.losses.subList(0, 4)) - 0.1);
    assertThat(recorder.messages.getFirst()).startsWith("Training on ").endsWith(" in bf16");
    // The run of the same images in float32 filled a store that is none of this one's.
    assertThat(recorder.encoded).isEqualTo(64);
  }

  @Test
  void projectionEpochsLeaveTheAdaptersAlone() throws Exception {
    RunFolder run =
        MiniRun.run(
            MiniRun.config(folder, MiniRun.with("run.name=staged", "training.projection_epochs=1")),
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
            MiniRun.with(
                "run.name=patient",
                "data.limit=16",
                "training.epochs=9",
                "validation.patience=2",
                "lora.rank=4"));
    RunFolder run = MiniRun.run(config, false, MiniRun.scores(0.1, 0.3, 0.2, 0.3, 0.9), recorder);
    assertThat(recorder.losses).hasSize(4);
    assertThat(run.captions(3)).exists();
    assertThat(run.captions(4)).doesNotExist();
    MiniRun.Recorder resumed = new MiniRun.Recorder();
    MiniRun.run(config, true, MiniRun.scores(), resumed);
    assertThat(resumed.losses).isEmpty();
  }

  @Test
  void oddSettingsAndCaptionsAreSaidOnce() throws Exception {
    Path train = folder.resolve("odd.json");
    Files.writeString(
        train,
        """
        {"images": [{"id": 1, "file_name": "000000000001.jpg"}, {"id": 2, "file_name": "000000000002.jpg"}],
         "annotations": [{"image_id": 1, "caption": "%s"}, {"image_id": 1, "caption": ""},
                         {"image_id": 1, "caption": "<|endoftext|>"},
                         {"image_id": 1, "caption": "\\u00a0\\u200b"},
                         {"image_id": 1, "caption": "a dog<|endoftext|>a cat"}]}
        """
            .formatted("a dog ".repeat(100)));
    Path val = folder.resolve("one.json");
    Files.writeString(
        val,
        """
        {"images": [{"id": 1, "file_name": "000000000001.jpg"}],
         "annotations": [{"image_id": 1, "caption": "a dog"}, {"image_id": 1, "caption": ""}]}
        """);
    TrainConfig config =
        MiniRun.config(
            folder,
            MiniRun.with(
                "run.name=odd",
                "data.train.annotations=" + train,
                "data.val.annotations=" + val,
                "training.epochs=1",
                "training.warmup=50",
                "validation.metric=cider"));
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    MiniRun.run(config, false, (p, t) -> new LinkedHashMap<>(Map.of("cider", 0.0)), recorder);
    assertThat(recorder.warnings)
        .anyMatch(w -> w.startsWith("1 captions of " + train + " are longer than the"))
        .anyMatch(w -> w.startsWith("3 captions of " + train + " are empty"))
        .anyMatch(w -> w.startsWith("1 captions of " + train + " hold the token that ends"))
        .anyMatch(w -> w.contains(train + " that have no caption") && w.contains("002.jpg"))
        .anyMatch(w -> w.startsWith("1 captions of " + val + " are empty"))
        .anyMatch(w -> w.contains("training.warmup is 50 and the run has 1 steps"))
        .anyMatch(w -> w.startsWith("CIDEr") && w.contains("of one validation image"));
  }

  @Test
  void aMetricThatIsZeroThroughoutAndSettingsBeyondTheRunAreTold() throws Exception {
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    TrainConfig config =
        MiniRun.config(
            folder,
            MiniRun.with(
                "run.name=zeros",
                "data.limit=16",
                "lora.rank=4",
                "training.accumulation=9",
                "validation.max_new_tokens=100000"));
    MiniRun.run(config, false, MiniRun.scores(0, 0), recorder);
    assertThat(recorder.warnings)
        .anyMatch(w -> w.startsWith("exact was 0 in every epoch, so that epoch 1 counts as"))
        .anyMatch(w -> w.contains("training.accumulation is 9, and an epoch has 1 batches"))
        .anyMatch(w -> w.contains("max_new_tokens is 100000, and the decoder has 128 positions"));
  }

  @Test
  void anEpochIsToldInOneLineWithRoundedFigures() {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    scores.put("cider", 0.45192);
    scores.put("bleu-1", 0.6);
    scores.put("bleu-4", 0.2406);
    scores.put("rouge-l", 0.4455);
    TrainState state = new TrainState(4, 0, 40, 0, 1.2, 0.3, 2, 1, false);
    assertThat(
            new EpochValidation.Epoch(state, 0.8868, scores, 0.25, 0.4, true).sentence(10, "cider"))
        .isEqualTo(
            "epoch 5 of 10 · loss 0.887 · CIDEr 0.452 · BLEU-4 0.241 · ROUGE-L 0.446 · 25% distinct"
                + " · 1.6 s · best so far");
  }

  @Test
  void trainingThatDivergesIsSaidSoAndItsWeightsAreNotSaved() throws Exception {
    TrainConfig finite =
        MiniRun.config(
            folder,
            MiniRun.with(
                "run.name=logits",
                "data.limit=16",
                "training.warmup=0",
                "training.learning_rate=1e30"));
    assertThatThrownBy(() -> MiniRun.run(finite, false, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("computes no numbers", "lower training.learning_rate");
    for (String limit : List.of("16", "64")) { // In the epoch's last step, and before it.
      TrainConfig config =
          MiniRun.config(
              folder,
              MiniRun.with(
                  "run.name=diverged" + limit,
                  "data.limit=" + limit,
                  "training.warmup=0",
                  "training.learning_rate=1e300"));
      assertThatThrownBy(() -> MiniRun.run(config, false, new MiniRun.Recorder()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll("epoch 0, batch ", "lower training.learning_rate");
      assertThat(new RunFolder(folder.resolve("diverged" + limit)).checkpoint()).doesNotExist();
    }
  }

  @Test
  void tooManyTrainableElementsAreRefused() throws Exception {
    TrainConfig config = MiniRun.config(folder, "run.name=many", "training.max_trainable=1000");
    for (int time = 0; time < 2; time++) { // The first must not keep the run's lock.
      assertThatThrownBy(() -> MiniRun.run(config, false, new MiniRun.Recorder()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("199,488")
          .hasMessageContaining("max_trainable");
    }
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
    TrainConfig config =
        MiniRun.config(
            folder, MiniRun.with("run.name=stems", "data.val.annotations=" + annotations));
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
            MiniRun.with(
                "run.name=zero",
                "data.limit=16",
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
  void aMetricThatIsNotComputedIsRefusedBeforeAnythingIsTrained() throws Exception {
    TrainConfig config = MiniRun.config(folder, "run.name=metric");
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
