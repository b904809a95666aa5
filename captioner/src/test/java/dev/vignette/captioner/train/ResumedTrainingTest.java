package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs that were stopped, killed, finished, changed or damaged, and are to go on. */
class ResumedTrainingTest {
  /** All runs, each under its name, with one cache of features. */
  @TempDir static Path folder;

  /** A run of {@link MiniRun#with} that several tests look at. */
  private static RunFolder whole = new RunFolder(Path.of("unset"));

  @BeforeAll
  static void trainTheWholeRun() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=whole"));
    whole = MiniRun.run(config, false, new MiniRun.Recorder());
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
    Trainer trainer = open(config, false, new MiniRun.Recorder());
    try {
      Files.writeString(temporary, "half");
      Files.createDirectories(half.getParent());
      Files.writeString(half, "half");
      assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll("held", "trained by another process");
      Process other = OtherProcess.start(RunOpener.class, run.root().toString());
      assertThat(OtherProcess.output(other)).contains("refused", "trained by another process");
      assertThat(temporary).exists();
    } finally {
      trainer.close();
    }
    open(config, true, new MiniRun.Recorder()).close();
    assertThat(temporary).doesNotExist();
    assertThat(half).doesNotExist();
  }

  @Test
  void aRunIsOneByALinkToItsFolderToo() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=real"));
    Path runs = Files.createDirectory(folder.resolve("links"));
    Path link = Files.createSymbolicLink(runs.resolve("link"), folder.resolve("real"));
    TrainConfig linked =
        MiniRun.config(folder, MiniRun.with("run.folder=" + runs, "run.name=link"));
    open(config, false, new MiniRun.Recorder()).close();

    Trainer trainer = open(linked, true, new MiniRun.Recorder());
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
  void aRunWithResultsButWithoutItsCheckpointIsNotBegunAnew() throws Exception {
    TrainConfig config =
        MiniRun.config(folder, MiniRun.with("run.name=lost", "training.epochs=1", "data.limit=16"));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    byte[] best = Files.readAllBytes(run.best().resolve("adapter_model.safetensors"));
    String metrics = Files.readString(run.metrics());
    Path checkpoint = folder.resolve("checkpoint");
    Files.move(run.checkpoint(), checkpoint);

    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("lost", "it has best, but no checkpoint.safetensors", "run.name");
    assertThat(run.best().resolve("adapter_model.safetensors")).hasBinaryContent(best);
    for (String result : List.of("best", "last", "captions")) {
      Files.move(run.root().resolve(result), folder.resolve(result));
    }
    Files.delete(run.samples());
    Files.delete(run.curves());
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .hasMessageContaining("a validated epoch in metrics.jsonl");
    assertThat(run.metrics()).hasContent(metrics);

    Files.move(checkpoint, run.checkpoint());
    open(config, true, new MiniRun.Recorder()).close();
    assertThat(run.metrics()).hasContent(metrics);
  }

  @Test
  void aCheckpointOfWhichOneBitChangedIsNotResumed() throws Exception {
    TrainConfig config =
        MiniRun.config(folder, MiniRun.with("run.name=bit", "training.epochs=1", "data.limit=16"));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    byte[] whole = Files.readAllBytes(run.checkpoint());
    byte[] changed = whole.clone();
    changed[changed.length - 4] ^= 1;
    Files.write(run.checkpoint(), changed);
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("checkpoint.safetensors is damaged", "run.name");
    // A checkpoint of the version before has no checksum.
    String text = new String(changed, StandardCharsets.ISO_8859_1);
    Files.writeString(
        run.checkpoint(), text.replace("\"crc32c\":", "\"crc32_\":"), StandardCharsets.ISO_8859_1);
    open(config, true, new MiniRun.Recorder()).close();
  }

  @Test
  void otherDataUnderTheSameNamesAreNotResumed() throws Exception {
    Path images = SharedData.inRepository("models/mini/data/images/val");
    Path train = folder.resolve("changed-train.json");
    Path val = folder.resolve("changed-val.json");
    Files.writeString(train, annotations(1, "a dog", "a cat"));
    Files.writeString(val, annotations(1, "a dog", "a cat"));
    TrainConfig config =
        MiniRun.config(
            folder,
            MiniRun.with(
                "run.name=data",
                "data.limit=1",
                "data.captions_per_image=1",
                "training.epochs=1",
                "data.train.annotations=" + train,
                "data.train.images=" + images,
                "data.val.annotations=" + val,
                "data.val.images=" + images));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    String validation = Files.readString(run.validation());

    Files.writeString(train, annotations(1, "a cow", "a cat"));
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("data.train.annotations (" + train, "run.name")
        .message()
        .doesNotContain("data.val");
    Files.writeString(val, annotations(2, "a dog", "a cat"));
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .hasMessageContainingAll(
            "data.train.annotations (" + train, "data.val.annotations (" + val);
    Files.writeString(train, annotations(1, "a dog", "a hen")); // no step sees the second caption
    Files.writeString(val, annotations(1, "a dog", "a hen")); // every score does
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .hasMessageContaining("captions of data.val.annotations (" + val);
    assertThat(run.validation()).hasContent(validation);

    // A checkpoint of the version before says nothing of its data.
    String checkpoint = Files.readString(run.checkpoint(), StandardCharsets.ISO_8859_1);
    for (String key : List.of("crc32c", "train_data", "val_data")) {
      checkpoint =
          checkpoint.replace("\"%s\":".formatted(key), "\"%s_\":".formatted(key.substring(1)));
    }
    Files.writeString(run.checkpoint(), checkpoint, StandardCharsets.ISO_8859_1);
    open(config, true, new MiniRun.Recorder()).close();
  }

  @Test
  void otherModelsUnderTheSameNamesAreNotResumed() throws Exception {
    Path mini = SharedData.inRepository("models/mini");
    for (String model : List.of("vit", "gpt2")) {
      Files.createDirectories(folder.resolve(model));
      for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
        if (Files.exists(mini.resolve(model).resolve(file))) {
          Files.copy(mini.resolve(model).resolve(file), folder.resolve(model).resolve(file));
        }
      }
    }
    TrainConfig config =
        MiniRun.config(
            folder,
            MiniRun.with(
                "run.name=models",
                "data.limit=16",
                "training.epochs=1",
                "encoder.model=" + folder.resolve("vit"),
                "decoder.model=" + folder.resolve("gpt2"),
                "decoder.tokenizer=" + folder.resolve("gpt2")));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    assertThat(warnings(run)).isEmpty();
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("vit/config.json", "encoder.model");
    changes.put("vit/model.safetensors", "encoder.model");
    changes.put("gpt2/config.json", "decoder.model");
    changes.put("gpt2/model.safetensors", "decoder.model");
    changes.put("gpt2/tokenizer.json", "decoder.tokenizer");
    for (Map.Entry<String, String> change : changes.entrySet()) {
      Path file = folder.resolve(change.getKey());
      byte[] before = Files.readAllBytes(file);
      Files.write(file, changed(change.getKey(), before));
      assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
          .as(change.getKey())
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              change.getValue() + " (" + file.getParent(), "are others now", "run.name");
      if (change.getKey().endsWith(".safetensors")) {
        assertThat(warnings(run))
            .singleElement()
            .asString()
            .contains("was trained on other weights than those of " + file);
      }
      Files.write(file, before);
    }
    open(config, true, new MiniRun.Recorder()).close();
  }

  /** What is odd where its best adapter captions. */
  private static List<String> warnings(RunFolder run) throws IOException {
    try (VitGpt2Captioner captioner =
        VitGpt2Captioner.load(
            run.best(),
            AdapterFolder.Origin.read(run.best()),
            GenerationConfig.builder().maxNewTokens(5).build())) {
      return captioner.warnings();
    }
  }

  @Test
  void aRunWhosePicturesWereReplacedIsNotCompared() throws Exception {
    Path images = SharedData.inRepository("models/mini/data/images/val");
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    Path picture =
        Files.copy(images.resolve("000000000001.jpg"), pictures.resolve("000000000001.jpg"));
    Path annotations = folder.resolve("one.json");
    Files.writeString(annotations, annotations(1, "a dog", "a cat"));
    RunFolder run =
        MiniRun.run(
            MiniRun.config(
                folder,
                MiniRun.with(
                    "run.name=replaced",
                    "data.limit=1",
                    "training.epochs=1",
                    "data.train.annotations=" + annotations,
                    "data.train.images=" + pictures,
                    "data.val.annotations=" + annotations,
                    "data.val.images=" + pictures)),
            false,
            new MiniRun.Recorder());
    assertThat(TrainedRun.read(run.root()).epochs()).isEqualTo(1);
    Files.copy(images.resolve("000000000002.jpg"), picture, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> TrainedRun.read(run.root()))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("1 of the pictures", "are others now", picture.toString());
  }

  /** The same weights but for one, heads of another width, or one space more. */
  private static byte[] changed(String name, byte[] content) {
    if (name.endsWith(".safetensors")) {
      byte[] other = content.clone();
      other[other.length - 2] ^= 1;
      return other;
    }
    String text = new String(content, StandardCharsets.UTF_8);
    String other =
        text.replaceFirst("\"n_head\": *5", "\"n_head\": 4")
            .replaceFirst("\"num_heads\": *\\d+", "\"num_heads\": 2");
    return (other.equals(text) ? text + " " : other).getBytes(StandardCharsets.UTF_8);
  }

  private static String annotations(int image, String... captions) {
    String texts =
        Stream.of(captions)
            .map(caption -> "{\"image_id\": 1, \"caption\": \"%s\"}".formatted(caption))
            .collect(Collectors.joining(", "));
    return """
    {"images": [{"id": 1, "file_name": "%012d.jpg"}], "annotations": [%s]}
    """
        .formatted(image, texts);
  }

  @Test
  void aCheckpointThatSaysWhatCannotBeIsNotResumed() throws Exception {
    Map<String, String> texts =
        new LinkedHashMap<>(new TrainState(2, 1, 9, 1.5, 3, Double.NaN, 1, 0, false).toTexts());
    assertThat(TrainState.ofTexts(texts, 4).toTexts()).isEqualTo(texts);
    Map<String, List<String>> impossible =
        Map.of(
            "epoch", List.of("abc", "-5", "", "99999999999"),
            "batch", List.of("-1", "5", "1.0"),
            "step", List.of("-1", "x"),
            "loss_sum", List.of("NaN", "-1", "x"),
            "seconds", List.of("Infinity", "x"),
            "best", List.of("0xzz"),
            "best_epoch", List.of("-2", "2"),
            "stale", List.of("-1", "3"),
            "finished", List.of("yes"));
    impossible.forEach((name, values) -> {
      for (String value : values) {
        Map<String, String> changed = new LinkedHashMap<>(texts);
        changed.put(name, value);
        assertThatThrownBy(() -> TrainState.ofTexts(changed, 4))
            .hasMessageContaining("%s is \"%s\" and must be ".formatted(name, value));
      }
    });
  }

  @Test
  void aCheckpointOfWhichAFieldWasChangedOrThatIsAFolderIsNamed() throws Exception {
    TrainConfig config =
        MiniRun.config(
            folder, MiniRun.with("run.name=field", "training.epochs=1", "data.limit=16"));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    String text = Files.readString(run.checkpoint(), StandardCharsets.ISO_8859_1);
    Files.writeString(
        run.checkpoint(),
        text.replace("\"crc32c\":", "\"crc32_\":").replace("\"batch\":\"0\"", "\"batch\":\"9\""),
        StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(
            run.checkpoint().toString(),
            "batch is \"9\"",
            "a whole number from 0 to 1",
            "run.name");
    Files.delete(run.checkpoint());
    Files.createDirectory(run.checkpoint());
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(run.checkpoint().toString(), "it is a folder", "run.name");
  }

  @Test
  void aFolderInTheConfigurationsPlaceIsNamed() throws Exception {
    Path inTheWay = Files.createDirectories(folder.resolve("instead/config.yaml"));
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=instead"));
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(inTheWay.toString(), "it is a folder", "put the file back");
    assertThatThrownBy(() -> TrainConfigReader.read(inTheWay, List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(inTheWay.toString(), "it is a folder", "name the file");
  }

  @Test
  void aRunThatHasNothingYetBeginsAnewAndSaysSo() throws Exception {
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=nothing"));
    MiniRun.Recorder first = new MiniRun.Recorder();
    open(config, false, first).close();
    assertThat(first.messages).noneMatch(message -> message.contains("begins anew"));

    MiniRun.Recorder again = new MiniRun.Recorder();
    open(config, true, again).close();
    assertThat(again.messages).anyMatch(message -> message.contains("begins anew"));
  }

  @Test
  void aBestAdapterThatWasMovedAwayIsNotNamedAsIfItWereThere() throws Exception {
    TrainConfig config =
        MiniRun.config(
            folder, MiniRun.with("run.name=moved", "training.epochs=1", "data.limit=16"));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    assertThat(run.hasBest()).isTrue();
    Path projection = run.best().resolve("projection.safetensors");
    Files.move(projection, folder.resolve("projection"));
    assertThat(run.hasBest()).isFalse();
    Files.move(folder.resolve("projection"), projection);
    Files.move(run.best(), folder.resolve("elsewhere"));
    Files.delete(run.metrics());

    MiniRun.Recorder recorder = new MiniRun.Recorder();
    assertThat(MiniRun.run(config, true, recorder).hasBest()).isFalse();

    assertThat(recorder.warnings)
        .anySatisfy(warning ->
            assertThat(warning)
                .contains(run.best().toString(), "epoch 1", "not there", run.last().toString()))
        .anySatisfy(warning ->
            assertThat(warning).contains(run.metrics().toString(), "lacks figures of the epochs"));
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

  private static Trainer open(TrainConfig config, boolean resume, MiniRun.Recorder recorder)
      throws Exception {
    return Trainer.open(config, resume, MiniRun::exact, recorder, () -> 0L);
  }

  @Test
  void aFolderThatIsNoRunIsNotTakenForOne() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("validation.json"), "mine");
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=other"));
    assertThatThrownBy(() -> open(config, true, new MiniRun.Recorder()))
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
