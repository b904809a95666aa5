package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of which something was changed, damaged or taken away are not resumed as if nothing was. */
class ChangedRunTest {
  /** All runs, each under its name, with one cache of features. */
  @TempDir static Path folder;

  /** A run of {@link MiniRun#with} that several tests look at. */
  private static RunFolder whole = new RunFolder(Path.of("unset"));

  @BeforeAll
  static void trainTheWholeRun() throws Exception {
    whole = MiniRun.whole(folder);
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

    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("lost", "it has best, but no checkpoint.safetensors", "run.name");
    assertThat(run.best().resolve("adapter_model.safetensors")).hasBinaryContent(best);
    for (String result : List.of("best", "last", "captions")) {
      Files.move(run.root().resolve(result), folder.resolve(result));
    }
    Files.delete(run.samples());
    Files.delete(run.curves());
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .hasMessageContaining("a validated epoch in metrics.jsonl");
    assertThat(run.metrics()).hasContent(metrics);

    Files.move(checkpoint, run.checkpoint());
    MiniRun.open(config, true, new MiniRun.Recorder()).close();
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
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("checkpoint.safetensors is damaged", "run.name");
    // A checkpoint of the version before has no checksum.
    String text = new String(changed, StandardCharsets.ISO_8859_1);
    Files.writeString(
        run.checkpoint(), text.replace("\"crc32c\":", "\"crc32_\":"), StandardCharsets.ISO_8859_1);
    MiniRun.open(config, true, new MiniRun.Recorder()).close();
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
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("data.train.annotations (" + train, "run.name")
        .message()
        .doesNotContain("data.val");
    Files.writeString(val, annotations(2, "a dog", "a cat"));
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .hasMessageContainingAll(
            "data.train.annotations (" + train, "data.val.annotations (" + val);
    Files.writeString(train, annotations(1, "a dog", "a hen")); // no step sees the second caption
    Files.writeString(val, annotations(1, "a dog", "a hen")); // every score does
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .hasMessageContaining("captions of data.val.annotations (" + val);
    assertThat(run.validation()).hasContent(validation);

    // A checkpoint of the version before says nothing of its data.
    String checkpoint = Files.readString(run.checkpoint(), StandardCharsets.ISO_8859_1);
    for (String key : List.of("crc32c", "train_data", "val_data")) {
      checkpoint =
          checkpoint.replace("\"%s\":".formatted(key), "\"%s_\":".formatted(key.substring(1)));
    }
    Files.writeString(run.checkpoint(), checkpoint, StandardCharsets.ISO_8859_1);
    MiniRun.open(config, true, new MiniRun.Recorder()).close();
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
      assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
          .as(change.getKey())
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              change.getValue() + " (" + file.getParent(), "are others now", "run.name");
      assertThat(warnings(run))
          .as(change.getKey())
          .singleElement()
          .asString()
          .contains("was trained on ")
          .containsAnyOf(
              "other weights than those of " + file,
              "another configuration than that of " + file.getParent(),
              "another tokenizer than that of " + file.getParent());
      Files.write(file, before);
    }
    MiniRun.open(config, true, new MiniRun.Recorder()).close();
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
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(
            run.checkpoint().toString(),
            "batch is \"9\"",
            "a whole number from 0 to 1",
            "run.name");
    Files.delete(run.checkpoint());
    Files.createDirectory(run.checkpoint());
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(run.checkpoint().toString(), "it is a folder", "run.name");
  }

  @Test
  void aFolderInTheConfigurationsPlaceIsNamed() throws Exception {
    Path inTheWay = Files.createDirectories(folder.resolve("instead/config.yaml"));
    TrainConfig config = MiniRun.config(folder, MiniRun.with("run.name=instead"));
    assertThatThrownBy(() -> MiniRun.open(config, true, new MiniRun.Recorder()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(inTheWay.toString(), "it is a folder", "put the file back");
    assertThatThrownBy(() -> TrainConfigReader.read(inTheWay, List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(inTheWay.toString(), "it is a folder", "name the file");
  }

  @Test
  void aRunWhoseFiguresOfAnEpochAreGoneIsNotCompared() throws Exception {
    assertThat(TrainedRun.read(whole.root()).epochs()).isEqualTo(2);
    String before = Files.readString(whole.metrics());
    Files.writeString(
        whole.metrics(),
        before
            .lines()
            .filter(line -> !line.contains("\"epoch\":0,"))
            .collect(Collectors.joining("\n")));
    try {
      assertThatThrownBy(() -> TrainedRun.read(whole.root()))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll(
              whole.metrics().toString(), "figures of 1 epochs, but none of epoch 0");
    } finally {
      Files.writeString(whole.metrics(), before);
    }
  }

  @Test
  void aBestAdapterThatWasMovedAwayIsNotNamedAsIfItWereThere() throws Exception {
    TrainConfig config =
        MiniRun.config(
            folder, MiniRun.with("run.name=moved", "training.epochs=1", "data.limit=16"));
    RunFolder run = MiniRun.run(config, false, new MiniRun.Recorder());
    assertThat(run.hasBest()).isTrue();
    Path adapter = run.best().resolve("adapter_model.safetensors");
    byte[] saved = Files.readAllBytes(adapter);
    byte[] changed = saved.clone();
    changed[changed.length - 4] ^= 1;
    Files.write(adapter, changed);
    assertThat(run.hasBest()).isFalse();
    Files.write(adapter, saved);
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
                .contains(
                    run.best().toString(), "epoch 1", "missing or damaged", run.last().toString()))
        .anySatisfy(warning ->
            assertThat(warning).contains(run.metrics().toString(), "lacks figures of the epochs"));
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
}
