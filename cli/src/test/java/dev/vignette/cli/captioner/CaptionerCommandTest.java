package dev.vignette.cli.captioner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.captions.Predictions;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Torch;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.Safetensors;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CaptionerCommandTest {
  private static final Path IMAGES = SharedData.inRepository("models/mini/data/images/val");

  @TempDir static Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new CaptionerCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @BeforeAll
  static void train() {
    int code =
        new CommandLine(new CaptionerCommand())
            .execute(
                "train",
                "--config=" + SharedData.inRepository("models/mini/train.yaml"),
                "--set=run.folder=" + folder,
                "--set=encoder.cache=" + folder.resolve("features"),
                "--set=data.limit=48",
                "--set=training.epochs=2",
                "--set=training.batch_size=8",
                "--set=training.warmup=5");
    assertThat(code).isZero();
  }

  private static String adapter() {
    return folder.resolve("mini/best").toString();
  }

  @Test
  void trainingLogsEveryMetric() throws Exception {
    assertThat(Files.readString(folder.resolve("mini/metrics.jsonl")))
        .contains("\"cider\"", "\"bleu-1\"", "\"bleu-4\"", "\"rouge-l\"")
        .contains("\"clipscore\"")
        .contains("\"rate\"");
  }

  @Test
  void imagesAreCaptionedIntoAFileAndABrokenOneIsListed() throws Exception {
    Path broken = folder.resolve("broken.jpg");
    Files.writeString(broken, "no image");
    Path output = folder.resolve("captions.json");
    int code =
        run(
            "caption",
            "--adapter=" + adapter(),
            "--max-new-tokens=12",
            "--output=" + output,
            IMAGES.resolve("000000000001.jpg").toString(),
            IMAGES.resolve("000000000002.jpg").toString(),
            broken.toString());
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("broken.jpg");
    Predictions predictions = Predictions.read(output);
    assertThat(predictions.captions()).containsOnlyKeys("000000000001", "000000000002");
    assertThat(predictions.captions().values()).allMatch(caption -> !caption.isBlank());
  }

  @Test
  void oneImageIsPrintedAndItsAttentionCanBeTapped() throws Exception {
    String image = IMAGES.resolve("000000000003.jpg").toString();
    assertThat(run("caption", "--adapter=" + adapter(), "--max-new-tokens=10", image)).isZero();
    AttentionCount tap = new AttentionCount();
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(10).build();
    try (VitGpt2Captioner captioner =
        VitGpt2Captioner.load(
            Path.of(adapter()), AdapterFolder.Origin.read(Path.of(adapter())), config)) {
      float[] pixels = captioner.prepare(RgbImage.read(Path.of(image)));
      Hypothesis tapped = captioner.search(pixels, tap);
      assertThat(captioner.text(tapped)).isEqualTo(out.toString().strip());
      assertThat(captioner.caption(List.of(pixels)).getFirst().caption())
          .isEqualTo(captioner.text(tapped));
      // Each step is heard at layer 3, the one that gave the end token included.
      assertThat(tap.count).isBetween(tapped.tokens().length, tapped.tokens().length + 1);
    }
  }

  @Test
  void bfloat16IsUsedOnRequestAndWarnedOfWhereItIsSlow() {
    String image = IMAGES.resolve("000000000003.jpg").toString();
    assertThat(
            run("caption", "--adapter=" + adapter(), "--max-new-tokens=10", "--dtype=bf16", image))
        .isZero();
    assertThat(out.toString()).isNotBlank();
    assertThat(err.toString().contains("Warning: --dtype is bf16"))
        .isEqualTo(!Torch.hasFastBfloat16());
    assertThat(run("caption", "--adapter=" + adapter(), "--dtype=int8", image)).isEqualTo(2);
    assertThat(err.toString()).contains("--dtype", "bf16");
  }

  private static final class AttentionCount implements AttentionTap {
    int count;

    @Override
    public boolean wants(int layer) {
      return layer == 3;
    }

    @Override
    public void accept(int layer, NDArray weights) {
      count++;
    }
  }

  @Test
  void beamSearchWithOneBeamGivesTheGreedyCaption() {
    String image = IMAGES.resolve("000000000004.jpg").toString();
    String greedy = caption(Path.of(adapter()), image);
    // A repetition penalty that changes nothing keeps the batched greedy search out.
    assertThat(caption(Path.of(adapter()), "--repetition-penalty=1.0000001", image))
        .isEqualTo(greedy)
        .isNotBlank();
  }

  @Test
  void theMergedModelWithoutAdaptersGivesTheSameCaptions() throws Exception {
    Path merged = folder.resolve("merged");
    assertThat(run("merge", "--adapter=" + adapter(), "--output=" + merged)).isZero();
    assertThat(Gpt2Weights.hasOwnHead(merged)).isTrue();
    Path bare = folder.resolve("bare");
    saveWithoutAdapters(merged, bare);
    String[] images =
        Stream.of("000000000004.jpg", "000000000005.jpg", "000000000006.jpg")
            .map(name -> IMAGES.resolve(name).toString())
            .toArray(String[]::new);
    String unmerged = caption(Path.of(adapter()), images);
    assertThat(caption(bare, images)).isEqualTo(unmerged);
    Path base = folder.resolve("base");
    saveWithoutAdapters(AdapterFolder.Origin.read(Path.of(adapter())).decoder(), base);
    assertThat(caption(base, images)).isNotEqualTo(unmerged);
  }

  private String caption(Path adapter, String... more) {
    out.getBuffer().setLength(0);
    List<String> words =
        new ArrayList<>(List.of("caption", "--adapter=" + adapter, "--max-new-tokens=10"));
    words.addAll(List.of(more));
    assertThat(run(words.toArray(String[]::new))).as(err::toString).isZero();
    return out.toString();
  }

  /** The trained projection in front of a decoder that nothing is added to. */
  private static void saveWithoutAdapters(Path decoder, Path target) throws Exception {
    AdapterFolder.Origin trained = AdapterFolder.Origin.read(Path.of(adapter()));
    AdapterFolder.Origin origin =
        new AdapterFolder.Origin(
            trained.encoder(), decoder, trained.tokenizer(), trained.visualWidth());
    Gpt2Weights weights = Gpt2Weights.open(decoder);
    LoraSettings none = new LoraSettings(1, 1, 0, false, List.of(), Map.of(), Map.of());
    AdapterPlan plan = AdapterPlan.of(weights.config(), none);
    Safetensors projection = Safetensors.open(Path.of(adapter()).resolve("projection.safetensors"));
    try (NDManager manager = Torch.newManager();
        Trainables trainables =
            Trainables.fresh(manager, plan, origin.visualWidth(), weights.config().width(), 0)) {
      trainables.set(projection, "weight", Trainables.PROJECTION_WEIGHT);
      trainables.set(projection, "bias", Trainables.PROJECTION_BIAS);
      AdapterFolder.save(target, trainables, plan, origin);
    }
  }

  @Test
  void parametersPrintsTheTableAndRefusesTooMany() {
    String config =
        "--config=" + SharedData.inRepository("captioner/configs/seed-best.yaml").toString();
    assertThat(run("parameters", config)).isZero();
    assertThat(out.toString()).contains("7,630,112").contains("transformer.h.*.attn.c_attn");
    assertThat(run("parameters", config, "--set", "training.max_trainable=7000000")).isNotZero();
    assertThat(err.toString()).contains("630,112 more");
  }
}
