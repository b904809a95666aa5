package dev.vignette.cli.captioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.compare.RunComparison;
import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.eval.EvalCommand;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.torch.fixture.SharedData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

class CaptionerCompareTest {
  @TempDir static Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private static void train(String name, String... settings) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "train",
                "--config=" + SharedData.inRepository("models/mini/train.yaml"),
                "--set=run.name=" + name,
                "--set=run.folder=" + folder,
                "--set=encoder.cache=" + folder.resolve("features"),
                "--set=training.batch_size=8",
                "--set=training.warmup=5",
                "--set=validation.max_new_tokens=10"));
    List.of(settings).forEach(setting -> words.add("--set=" + setting));
    assertThat(new CommandLine(new CaptionerCommand()).execute(words.toArray(String[]::new)))
        .isZero();
  }

  @BeforeAll
  static void train() {
    train("small", "data.limit=24", "training.epochs=2", "lora.rank=4");
    train("large", "data.limit=24", "training.epochs=3", "lora.rank=8");
    train("other", "data.limit=16", "training.epochs=1", "lora.rank=4");
  }

  private static Path run(String name) {
    return folder.resolve(name);
  }

  private int compare(String... arguments) {
    List<String> words = new ArrayList<>(List.of("compare"));
    words.addAll(List.of(arguments));
    return new CommandLine(new CaptionerCommand())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words.toArray(String[]::new));
  }

  @Test
  void onlyTheSettingsThatDifferAreShown() throws IOException {
    RunComparison comparison = RunComparison.read(List.of(run("small"), run("large")));
    assertThat(comparison.differences())
        .containsOnlyKeys("lora.rank", "training.epochs")
        .containsEntry("lora.rank", Map.of("small", "4", "large", "8"));
    assertThat(compare(run("small").toString(), run("large").toString())).isZero();
    assertThat(out.toString().lines().findFirst().orElseThrow())
        .contains("run", "lora.rank", "training.epochs", "parameters", "best epoch", "CLIPScore")
        .doesNotContain("learning_rate", "run.name");
  }

  @Test
  void theFiguresAreThoseOfEvalOnTheBestEpochsCaptions() throws IOException {
    Path json = folder.resolve("compared.json");
    assertThat(compare(run("small").toString(), run("large").toString(), "--json=" + json))
        .isZero();
    JsonNode systems = new ObjectMapper().readTree(json.toFile()).required("systems");
    assertThat(systems.size()).isEqualTo(2);
    for (JsonNode system : systems) {
      TrainedRun run = TrainedRun.read(run(system.required("name").asString()));
      Path report = folder.resolve("report.json");
      new CommandLine(new EvalCommand())
          .setCaseInsensitiveEnumValuesAllowed(true)
          .setOut(new PrintWriter(new StringWriter()))
          .execute(
              "--predictions=" + run.bestCaptions(),
              "--annotations=" + run.validation().file(),
              "--metrics=cider,rouge",
              "--json=" + report);
      JsonNode expected = new ObjectMapper().readTree(report.toFile()).required("metrics");
      for (String metric : List.of("CIDEr", "ROUGE-L")) {
        assertThat(system.required("metrics").required(metric).required("value").doubleValue())
            .isEqualTo(expected.required(metric).required("value").doubleValue());
      }
      assertThat(system.required("parameters").longValue())
          .isEqualTo(run.parameters())
          .isPositive();
      assertThat(system.required("training_seconds").doubleValue()).isPositive();
    }
    assertThat(TrainedRun.read(run("large")).parameters())
        .isGreaterThan(TrainedRun.read(run("small")).parameters());
  }

  @Test
  void theBestEpochIsTheOneThatTrainingKept() throws IOException {
    TrainedRun run = TrainedRun.read(run("large"));
    assertThat(run.epochs()).isEqualTo(3);
    double best = Double.NEGATIVE_INFINITY;
    int bestEpoch = -1;
    for (String line : Files.readAllLines(run("large").resolve("metrics.jsonl"))) {
      JsonNode node = new ObjectMapper().readTree(line);
      double cider = node.path("validation").path("cider").asDouble(Double.NEGATIVE_INFINITY);
      if (cider > best) {
        best = cider;
        bestEpoch = node.path("epoch").asInt();
      }
    }
    assertThat(run.bestEpoch()).isEqualTo(bestEpoch);
  }

  @Test
  void runsOnDifferentValidationSetsAreRefusedWithBothCounts() {
    assertThatThrownBy(() -> RunComparison.read(List.of(run("small"), run("other"))))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("small has 24 images", "other has 16", "of which 16 are the same");
  }

  @Test
  void aFolderThatIsNoRunOrHasNoEpochOrIsNamedTwiceIsRefused() throws IOException {
    assertThatThrownBy(() -> TrainedRun.read(folder.resolve("features")))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("features is no training run", "runs/NAME");
    Path begun = Files.createDirectory(folder.resolve("begun"));
    Files.copy(run("small").resolve("config.yaml"), begun.resolve("config.yaml"));
    assertThatThrownBy(() -> TrainedRun.read(begun))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("no validated epoch");
    assertThatThrownBy(() -> RunComparison.read(List.of(run("small"), run("small"))))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void captionsOfOtherImagesThanTheReferencesAreRefused() throws IOException {
    Path mixed = folder.resolve("mixed");
    Files.createDirectories(mixed.resolve("captions"));
    for (String file : List.of("config.yaml", "metrics.jsonl")) {
      Files.copy(run("other").resolve(file), mixed.resolve(file));
    }
    Files.copy(
        run("other").resolve("captions/epoch_00.json"), mixed.resolve("captions/epoch_00.json"));
    Files.copy(run("small").resolve("validation.json"), mixed.resolve("validation.json"));
    assertThatThrownBy(() -> TrainedRun.read(mixed))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll(
            "epoch_00.json has captions of 16 images",
            "references of 24, of which 16 are the same");
    Path validation = mixed.resolve("validation.json");
    Files.writeString(
        validation,
        Files.readString(validation)
            .replace("\"clip\":\"", "\"clip\":\"\\u0000")
            .replace("\"info\":{}", "\"info\":{\"clip\":\"\\u0000\"}"));
    assertThatThrownBy(() -> TrainedRun.read(mixed))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining(validation + " is no validation set");
  }

  @Test
  void runsOnOtherPicturesOfTheSameNamesAreRefused() throws IOException {
    Path moved = folder.resolve("moved");
    Files.createDirectories(moved.resolve("captions"));
    for (String file : List.of("config.yaml", "metrics.jsonl", "best")) {
      Files.createSymbolicLink(moved.resolve(file), run("small").resolve(file));
    }
    for (String file : List.of("captions/epoch_00.json", "captions/epoch_01.json")) {
      Files.copy(run("small").resolve(file), moved.resolve(file));
    }
    Path validation = moved.resolve("validation.json");
    ObjectNode changed =
        (ObjectNode)
            new ObjectMapper().readTree(Files.readString(run("small").resolve("validation.json")));
    ((ObjectNode) changed.required("images").required(0))
        .put("file_name", "/away/000000000001.jpg")
        .put("sha256", "00".repeat(32));
    Files.writeString(validation, changed.toString());
    assertThatThrownBy(() -> RunComparison.read(List.of(run("small"), moved)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("1 pictures of small are others in moved, such as 000000000001");
  }

  @Test
  void captionsThatSomebodyChangedAreNotCompared() throws IOException {
    Path captions = TrainedRun.read(run("small")).bestCaptions();
    String before = Files.readString(captions);
    Files.writeString(captions, before.replaceFirst("A ", "One "));
    assertThatThrownBy(() -> TrainedRun.read(run("small")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(captions + " is not what the run wrote");
    Files.writeString(captions, before);
    assertThat(TrainedRun.read(run("small")).bestCaptions()).isEqualTo(captions);
  }

  @Test
  void metricsAreListedWithoutARunAndARunIsNotTakenForOne() {
    assertThat(compare("--metrics", "list")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("cider", "clipscore");
    assertThat(compare()).isEqualTo(2);
    assertThat(err.toString()).contains("takes a RUN or more");
    assertThat(compare("--metrics", run("small").toString(), run("large").toString())).isNotZero();
    assertThat(err.toString()).contains("There is no metric");
  }

  @Test
  void figuresReplaceEarlierOnesOnly() throws IOException {
    Path json = Files.createFile(folder.resolve("figures.json"));
    for (int time = 0; time < 2; time++) {
      assertThat(compare(run("small").toString(), "--metrics=rouge", "--json=" + json)).isZero();
    }
    Files.writeString(json, "notes");
    assertThat(compare(run("small").toString(), "--json=" + json)).isNotZero();
    assertThat(err.toString()).contains("--json would replace " + json + ", which this program");
    assertThat(json).hasContent("notes");
  }

  @Test
  void aFileOfARunIsNotWrittenOver() throws IOException {
    Path validation = run("small").resolve("validation.json");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), validation);
    String before = Files.readString(validation);
    Path later = run("small").resolve("captions/epoch_77.json");
    for (Path output : List.of(validation, link, later)) {
      assertThat(compare(run("small").toString(), "--json=" + output)).isNotZero();
      assertThat(err.toString()).contains("would belong to the run");
    }
    assertThat(Files.readString(validation)).isEqualTo(before);
    assertThat(later).doesNotExist();
  }
}
