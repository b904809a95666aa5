package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captions.Predictions;
import dev.vignette.cli.llava.LlavaComparison;
import dev.vignette.files.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code vignette llava compare} over six miniature images and two settings, in this process. */
class LlavaCompareTest {
  private static final Path ROOT = ProgramRun.ROOT;
  private static final Path DATA = ROOT.resolve("models/mini/data");
  private static final int COUNT = 6;

  @TempDir private Path folder;
  private final List<String> images = new ArrayList<>();

  @BeforeEach
  void writePrompts() throws IOException {
    for (int i = 1; i <= COUNT; i++) {
      images.add(DATA.resolve("images/val/%012d.jpg".formatted(i)).toString());
    }
    writePrompts("What are these?");
  }

  private void writePrompts(String second) throws IOException {
    Files.writeString(
        folder.resolve("prompts.yaml"),
        """
        instructions:
          short: Write a short caption for this image.
          other: "%s"
        configs:
          beams: {num_beams: 3, max_new_tokens: 20}
        """
            .formatted(second));
  }

  private static ProgramRun vignette(List<String> arguments) {
    return ProgramRun.of(arguments.toArray(String[]::new));
  }

  private ProgramRun compare(List<String> files, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "llava",
                "compare",
                "--prompts",
                folder.resolve("prompts.yaml").toString(),
                "--annotations",
                DATA.resolve("val.json").toString(),
                "--output",
                output("").toString()));
    words.addAll(files);
    words.addAll(List.of(more));
    return vignette(words);
  }

  private Path output(String name) {
    return folder.resolve("compare").resolve(name);
  }

  private JsonNode comparison() {
    return new ObjectMapper().readTree(output("comparison.json").toFile());
  }

  private static JsonNode system(JsonNode comparison, String name) {
    return StreamSupport.stream(comparison.required("systems").spliterator(), false)
        .filter(system -> system.required("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theCaptionsAreThoseOfLlavaCaptionAndTheFiguresThoseOfEval() throws IOException {
    ProgramRun run = compare(images);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow())
        .contains("setting", "CIDEr", "images/s");

    Path alone = folder.resolve("alone.json");
    List<String> words =
        new ArrayList<>(
            List.of(
                "llava",
                "caption",
                "--prompt=What are these?",
                "--num-beams=3",
                "--max-new-tokens=20",
                "--output=" + alone));
    words.addAll(images);
    assertThat(vignette(words).code()).isZero();
    assertThat(output("other.beams.json")).hasSameBinaryContentAs(alone);

    Path report = folder.resolve("report.json");
    vignette(
        List.of(
            "eval",
            "--predictions=" + output("other.beams.json"),
            "--annotations=" + DATA.resolve("val.json"),
            "--allow-missing",
            "--json=" + report));
    JsonNode expected = new ObjectMapper().readTree(report.toFile()).required("metrics");
    JsonNode metrics = system(comparison(), "other.beams").required("metrics");
    assertThat(expected.size()).isEqualTo(6);
    for (String metric : expected.propertyNames()) {
      for (String part : List.of("value", "low", "high")) {
        assertThat(metrics.required(metric).required(part).doubleValue())
            .as(metric + " " + part)
            .isEqualTo(expected.required(metric).required(part).doubleValue());
      }
    }
  }

  @Test
  void theBestComesFirstAndTheOthersHaveTheirDifferenceFromIt() throws IOException {
    assertThat(compare(images).code()).isZero();
    JsonNode systems = comparison().required("systems");
    JsonNode best = systems.required(0);
    JsonNode other = systems.required(1);
    assertThat(best.required("name").asString()).isEqualTo("short.beams");
    assertThat(best.required("metrics").required("CIDEr").has("from_best")).isFalse();
    JsonNode cider = other.required("metrics").required("CIDEr");
    double difference = cider.required("from_best").required("difference").doubleValue();
    assertThat(difference)
        .isNegative()
        .isCloseTo(
            cider.required("value").doubleValue()
                - best.required("metrics").required("CIDEr").required("value").doubleValue(),
            within(1e-12));
    assertThat(cider.required("from_best").required("p").doubleValue()).isBetween(0.0, 1.0);
    assertThat(other.required("images_per_second").doubleValue()).isPositive();
    assertThat(Files.readString(output("comparison.md")))
        .contains("| other.beams |", "What are these?", "num_beams 3, max_new_tokens 20");
  }

  @Test
  void aSecondRunCaptionsNothingAndSaysThatNoTimeWasMeasured() throws IOException {
    assertThat(compare(images).code()).isZero();
    ProgramRun again = compare(images);
    assertThat(again.err()).contains("0 captioned, 6 reused");
    assertThat(again.out()).contains("Nothing was captioned now");
    assertThat(system(comparison(), "other.beams").required("captioned_now").intValue()).isZero();
  }

  @Test
  void aChangedInstructionIsCaptionedAnewAndTheOtherIsNot() throws IOException {
    assertThat(compare(images.subList(0, 4)).code()).isZero();
    writePrompts("Write a concise caption for this image.");
    assertThat(compare(images.subList(0, 4)).code()).isZero();
    assertThat(system(comparison(), "other.beams").required("captioned_now").intValue())
        .isEqualTo(4);
    assertThat(system(comparison(), "short.beams").required("captioned_now").intValue()).isZero();
  }

  @Test
  void aFolderIsOfOneComparisonAndItsTablesAreOfItsCaptions() throws IOException {
    Path picture = folder.resolve("000000000001.jpg");
    List<String> one = List.of(Files.copy(Path.of(images.getFirst()), picture).toString());
    assertThat(compare(one).code()).isZero();
    try (ProcessLock _ = LlavaComparison.hold(output(""))) {
      ProgramRun second = compare(one);
      assertThat(second.code()).isEqualTo(2);
      assertThat(second.err()).contains("is being written by another process");
      assertThat(output("comparison.json")).exists();
    }
    Path none = folder.resolve("none.json");
    Files.writeString(none, "{\"images\": [], \"annotations\": []}");
    ProgramRun unscored =
        ProgramRun.of(
            "llava",
            "compare",
            "--prompts",
            folder.resolve("prompts.yaml").toString(),
            "--annotations",
            none.toString(),
            "--output",
            output("").toString(),
            one.getFirst());
    assertThat(unscored.code()).isEqualTo(2);
    assertThat(unscored.err()).contains("No prediction", "none.json");
    assertThat(output("comparison.json")).as("no caption has changed").exists();
    Files.writeString(picture, "no picture");
    assertThat(compare(one).code()).isEqualTo(1);
    assertThat(output("comparison.json")).doesNotExist();
    assertThat(output("comparison.md")).doesNotExist();
  }

  @Test
  void aRunWithMoreImagesCaptionsOnlyThoseAndScoresAll() throws IOException {
    assertThat(compare(images.subList(0, 2)).code()).isZero();
    ProgramRun run = compare(images);
    assertThat(run.err()).contains("4 captioned, 2 reused");
    assertThat(run.out()).contains("(4 of 6)");
    assertThat(comparison().required("images").intValue()).isEqualTo(COUNT);
  }

  @Test
  void aBadImageIsListedAndTheOthersAreComparedWithoutIt() throws IOException {
    images.set(2, Files.writeString(folder.resolve("000000000003.jpg"), "no picture").toString());
    ProgramRun run = compare(images);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("000000000003.jpg");
    assertThat(comparison().required("images").intValue()).isEqualTo(COUNT - 1);
    assertThat(Predictions.read(output("short.beams.json")).captions())
        .hasSize(COUNT - 1)
        .doesNotContainKey("000000000003");
  }

  @Test
  void withoutImagesTheMiniatureSetIsComparedByClipScoreToo() throws IOException {
    ProgramRun run =
        vignette(
            List.of(
                "llava",
                "compare",
                "--prompts=" + folder.resolve("prompts.yaml"),
                "--limit=3",
                "--output=" + output("")));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("CLIPScore");
    assertThat(comparison().required("images").intValue()).isEqualTo(3);
  }

  @Test
  void aComparisonOfSomebodyElsesIsRefusedBeforeTheModelIsLoaded() throws IOException {
    Files.createDirectory(output(""));
    for (String name : List.of("comparison.md", "comparison.json")) {
      Files.writeString(output(name), "{\"my\": \"notes\"}");
      ProgramRun run = compare(images, "-m", "nowhere.gguf", "--mmproj", "nowhere.gguf");
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("would replace " + output(name), "Give another folder");
      assertThat(output(name)).hasContent("{\"my\": \"notes\"}");
      Files.delete(output(name));
    }
  }

  @Test
  void wrongUsageIsASentenceAndExits2() throws IOException {
    ProgramRun lacking = vignette(List.of("llava", "compare", images.getFirst()));
    assertThat(lacking.err()).contains("--annotations FILE");
    assertThat(lacking.code()).isEqualTo(2);
    Files.writeString(folder.resolve("prompts.yaml"), "instructions: {a: {prompt: x, beams: 2}}");
    ProgramRun unknown = compare(images);
    assertThat(unknown.err()).contains("prompts.yaml line 1", "instructions.a.beams");
    assertThat(unknown.code()).isEqualTo(2);
    ProgramRun clip = compare(images, "--clip", folder.resolve("nowhere").toString());
    assertThat(clip.code()).isEqualTo(2);
  }

  @Test
  void theDefaultPromptsCanBePrinted() {
    assertThat(vignette(List.of("llava", "compare", "--show-prompts")).out())
        .contains("instructions:", "What are these?", "num_beams: 5");
  }
}
