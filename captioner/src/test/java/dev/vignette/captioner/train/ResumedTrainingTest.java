package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.StopSignal;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs that were stopped, killed or finished, and are to go on. */
class ResumedTrainingTest {
  /** All runs, each under its name, with one cache of features. */
  @TempDir static Path folder;

  /** A run of {@link MiniRun#with} that several tests look at. */
  private static RunFolder whole = new RunFolder(Path.of("unset"));

  @BeforeAll
  static void trainTheWholeRun() throws Exception {
    whole = MiniRun.whole(folder);
  }

  @Test
  void aRunThatExistsIsNotOverwrittenAndOtherSettingsAreNotResumed() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=whole"));
    assertThatThrownBy(() -> MiniRun.run(config, false, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--resume");
    TrainConfig other =
        MiniRun.config(folder, MiniRun.with("run.name=whole", "lora.dropout=0.2", "run.seed=3"));
    assertThatThrownBy(() -> MiniRun.run(other, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "differ", "lora.dropout is 0.2 and was 0.1", "run.seed is 3 and was 0")
        .message()
        .doesNotContain("encoder.model");
    TrainConfig added =
        MiniRun.config(
            folder,
            MiniRun.with(
                "run.name=whole",
                "lora.alpha_pattern={c_attn: 640}",
                "lora.rank_pattern={c_proj: 2}"));
    assertThatThrownBy(() -> MiniRun.open(added, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "lora.alpha_pattern.c_attn is 640.0 and was empty",
            "lora.rank_pattern.c_proj is 2 and was empty");
  }

  @Test
  void whatCannotBeWrittenIsSaidWithHowTheRunGoesOn() throws Exception {
    TrainConfig config =
        MiniRun.config(
            folder, MiniRun.with("run.name=blocked", "training.epochs=1", "data.limit=16"));
    Path inTheWay = folder.resolve("blocked/last");
    CaptionScorer blocking =
        (predictions, truth) -> {
          try {
            Files.writeString(inTheWay, "");
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
          return MiniRun.exact(predictions, truth);
        };
    assertThatThrownBy(() -> MiniRun.run(config, false, blocking, new MiniRun.Recorder()))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll(folder.resolve("blocked").toString(), "--resume");
    Files.delete(inTheWay);
    RunFolder run = MiniRun.run(config, true, new MiniRun.Recorder());
    assertThat(run.last()).isNotEmptyDirectory();
  }

  @Test
  void relativePathsOfAnOlderRunAreNoOtherSettings() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=whole"));
    Path older = folder.resolve("older.yaml");
    Path mini = Path.of(config.encoder().model()).getParent();
    Files.writeString(
        older, config.effectiveYaml().replace(mini + "/", "").replace("  precision: auto\n", ""));
    assertThat(Files.readString(older)).contains("annotations: data/train.json");
    ResumedSettings.requireResumable(older, config);
    TrainConfig elsewhere =
        MiniRun.config(folder, MiniRun.with("run.name=whole", "data.val.images=" + folder));
    assertThatThrownBy(() -> ResumedSettings.requireResumable(older, elsewhere))
        .hasMessageContaining("data.val.images is " + folder + " and was data/images/val");
  }

  @Test
  void aRunThatIsTrainedIsRefusedToOthersAndItsTemporaryFilesStay() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=held"));
    RunFolder run = new RunFolder(folder.resolve("held"));
    Path temporary = run.root().resolve(".checkpoint.safetensors.123.tmp");
    Path half = run.captions(0).resolveSibling(".epoch_00.json.123-1.tmp");
    Trainer trainer = MiniRun.open(config, false, new MiniRun.Recorder());
    try {
      Files.writeString(temporary, "half");
      Files.createDirectories(half.getParent());
      Files.writeString(half, "half");
      assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll("held", "trained by another process");
      Process other = OtherProcess.start(RunOpener.class, run.root().toString());
      assertThat(OtherProcess.output(other)).contains("refused", "trained by another process");
      assertThat(temporary).exists();
    } finally {
      trainer.close();
    }
    MiniRun.open(config, true, new MiniRun.Recorder()).close();
    assertThat(temporary).doesNotExist();
    assertThat(half).doesNotExist();
  }

  @Test
  void whatCannotBeLockedIsNamedWithTheSettingThatNamesAnother() throws Exception {
    Files.createDirectories(folder.resolve(".unlockable.lock"));
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=unlockable"));
    assertThatThrownBy(() -> MiniRun.open(config, false, new MiniRun.Recorder()))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll("unlockable cannot be locked", "--set run.folder=DIR");
    Files.createDirectories(folder.resolve("locked/.key-4-fp32.lock"));
    assertThatThrownBy(() ->
            FeatureStore.open(
                folder.resolve("locked"), "key", 4, TrainConfig.FeaturePrecision.FP32))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll("key-4-fp32.features", "--set encoder.cache=DIR");
  }

  @Test
  void aRunIsOneByALinkToItsFolderToo() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=real"));
    Path runs = Files.createDirectory(folder.resolve("links"));
    Path link = Files.createSymbolicLink(runs.resolve("link"), folder.resolve("real"));
    TrainConfig linked =
        MiniRun.config(folder, MiniRun.with("run.folder=" + runs, "run.name=link"));
    MiniRun.open(config, false, new MiniRun.Recorder()).close();

    Trainer trainer = MiniRun.open(linked, true, new MiniRun.Recorder());
    try {
      for (Path name : List.of(link, folder.resolve("real"))) {
        Process other = OtherProcess.start(RunOpener.class, name.toString());
        assertThat(OtherProcess.output(other)).contains("refused", "trained by another process");
      }
    } finally {
      trainer.close();
    }
    assertThat(runs.resolve(".link.lock")).doesNotExist();
  }

  @Test
  void aRunThatHasNothingYetBeginsAnewAndSaysSo() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=nothing"));
    MiniRun.Recorder first = new MiniRun.Recorder();
    MiniRun.open(config, false, first).close();
    assertThat(first.messages).noneMatch(message -> message.contains("begins anew"));

    MiniRun.Recorder again = new MiniRun.Recorder();
    MiniRun.open(config, true, again).close();
    assertThat(again.messages).anyMatch(message -> message.contains("begins anew"));
  }

  /** Takes a run and removes leftovers, as every training begins. */
  static final class RunOpener {
    private RunOpener() {}

    public static void main(String[] arguments) {
      RunFolder run = new RunFolder(Path.of(arguments[0]));
      OtherProcess.say(() -> {
        ProcessLock lock = run.lock();
        run.removeLeftovers();
        lock.close();
      });
    }
  }

  @Test
  void aFolderThatIsNoRunIsNotTakenForOne() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("validation.json"), "mine");
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=other"));
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("other", "is no run and holds validation.json");
    assertThat(other.resolve("validation.json")).hasContent("mine");
  }

  @Test
  void aRunThatIsStoppedWithinAnEpochGoesOnToTheSameWeightsAndCountsAllItsSeconds()
      throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=stopped"));
    StopSignal stop = new StopSignal();
    AtomicLong clock = new AtomicLong();
    MiniRun.Recorder recorder =
        new MiniRun.Recorder() {
          @Override
          public void stepped(Step step) {
            super.stepped(step);
            clock.addAndGet(2_000_000_000L);
            if (losses.size() == 2) {
              stop.request();
            }
          }
        };
    try (Trainer trainer = Trainer.open(config, false, MiniRun::exact, recorder, clock::get)) {
      assertThat(trainer.run(stop)).isEmpty();
    }
    assertThat(recorder.losses).hasSize(2);
    assertThat(recorder.messages.getLast()).contains("epoch 1 of 2, after step 2 of 8", "--resume");
    RunFolder run = new RunFolder(folder.resolve("stopped"));
    try (Trainer trainer = Trainer.open(config, true, MiniRun::exact, recorder, clock::get)) {
      assertThat(trainer.run(new StopSignal())).contains(run);
    }
    assertThat(Files.readAllBytes(run.checkpoint()))
        .isEqualTo(Files.readAllBytes(whole.checkpoint()));
    // A step's two seconds pass when it was heard of: one before the stop, one before the last.
    JsonNode first =
        new MetricsLog(run.metrics())
            .lines().stream().filter(line -> line.has("validation")).findFirst().orElseThrow();
    assertThat(first.path("train_seconds").asDouble()).isEqualTo(4);
  }

  @Test
  void moreEpochsContinueAFinishedRunAsIfItHadHadThemFromTheStart() throws Exception {
    String[] constant = {"training.schedule=constant", "data.limit=32", "lora.rank=4"};
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    MiniRun.run(config(constant, "run.name=long", "training.epochs=1"), false, recorder);
    RunFolder continued =
        MiniRun.run(config(constant, "run.name=long", "training.epochs=2"), true, recorder);
    RunFolder atOnce =
        MiniRun.run(config(constant, "run.name=atonce", "training.epochs=2"), false, recorder);
    assertThat(Files.readAllBytes(continued.checkpoint()))
        .isEqualTo(Files.readAllBytes(atOnce.checkpoint()));
    assertThat(Files.readString(continued.config())).contains("epochs: 2");
    assertThat(new MetricsLog(continued.metrics()).lines())
        .isEqualTo(new MetricsLog(atOnce.metrics()).lines());
  }

  @Test
  void fewerEpochsThanARunHasAreRefusedAndItsConfigurationStays() throws Exception {
    String before = Files.readString(whole.config());
    TrainConfig fewer = MiniRun.config(folder, MiniRun.with("run.name=whole", "training.epochs=1"));
    assertThatThrownBy(() -> MiniRun.open(fewer, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("training.epochs is 1", "epoch 2 already", "give at least 2");
    assertThat(Files.readString(whole.config())).isEqualTo(before);
    assertThat(new TrainState(1, 3, 7, 0, 0, 0.3, 0, 0, false).epochsBegun()).isEqualTo(2);
    assertThat(new TrainState(1, 0, 4, 0, 0, 0.3, 0, 0, false).epochsBegun()).isEqualTo(1);
  }

  private static TrainConfig config(String[] settings, String... more) throws Exception {
    String[] all = Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
    return MiniRun.config(folder, MiniRun.with(all));
  }

  @Test
  void aFinishedRunThatIsResumedKeepsItsMetrics() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=whole"));
    String before = Files.readString(whole.metrics());
    assertThat(before).contains("validation");
    MiniRun.Recorder recorder = new MiniRun.Recorder();
    MiniRun.run(config, true, recorder);
    assertThat(Files.readString(whole.metrics())).isEqualTo(before);
    assertThat(recorder.losses).isEmpty();
    assertThat(recorder.messages).anyMatch(m -> m.contains("more training.epochs continue it"));
  }
}
