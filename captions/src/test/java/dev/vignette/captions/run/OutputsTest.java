package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.RunOutput.SidecarText;
import dev.vignette.captions.run.RunResult.RunStatus;
import dev.vignette.files.ContentHash;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OutputsTest {
  private static final int COUNT = 4;

  @TempDir Path folder;
  private Path images;
  private Path predictions;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    predictions = folder.resolve("predictions.json");
  }

  private RunOutput.Saved sidecars(String prefix, String suffix, boolean overwrite) {
    return RunOutput.Saved.to(
        predictions, KeyMode.STEM, false, new SidecarText(prefix, suffix), overwrite);
  }

  private RunResult run(String settings, RunOutput.Saved files) {
    return Runs.run(new HashCaptioner(1, settings), Runs.folder(images), files);
  }

  private String expected(int image, String settings) {
    return HashCaptioner.captionOf(images.resolve("%03d.png".formatted(image)), settings);
  }

  private Path sidecar(int image) {
    return images.resolve("%03d.txt".formatted(image));
  }

  @Test
  void thePredictionsAreOneCaptionALineSortedByKey() throws IOException {
    run("greedy", Runs.output(predictions));

    assertThat(Files.readAllLines(predictions))
        .hasSize(COUNT + 2)
        .startsWith("{")
        .endsWith("}")
        .element(1)
        .asString()
        .isEqualTo(
            "  \"000\": \"%s\","
                .formatted(expected(0, "greedy").replace("\"", "\\\"").replace("\t", "\\t")));
  }

  @Test
  void theDetailsSayTokensTimesModelAndSettings() throws IOException {
    RunOutput.Saved files = RunOutput.Saved.to(predictions, KeyMode.STEM, true, null, false);
    run("greedy", files);

    assertThat(files.first().details()).isEqualTo(folder.resolve("predictions.details.jsonl"));
    List<String> lines = Files.readAllLines(files.first().details());
    assertThat(lines).hasSize(COUNT);
    JsonNode line = JsonMapper.shared().readTree(lines.get(1));
    Path image = images.resolve("001.png");
    assertThat(line.get("key").asString()).isEqualTo("001");
    assertThat(line.get("path").asString()).isEqualTo(image.toString());
    assertThat(line.get("caption").asString()).isEqualTo(expected(1, "greedy"));
    assertThat(line.get("score").asDouble()).isEqualTo(-0.75);
    assertThat(line.get("tokens").get(0).asInt()).isEqualTo(7);
    assertThat(line.get("log_probabilities").toString()).isEqualTo("[-0.5,-0.25]");
    assertThat(line.get("milliseconds").toString())
        .isEqualTo("{\"encode\":1.5,\"prefill\":2.0,\"decode\":3.0}");
    assertThat(line.get("sha256").asString()).isEqualTo(ContentHash.of(image));
    assertThat(line.get("fingerprint").asString()).hasSize(16);
    assertThat(line.get("settings").toString())
        .isEqualTo(
            "{\"image.alpha\":\"OVER_WHITE\",\"image.upright\":\"true\",\"model\":\"hash\",\"settings\":\"greedy\"}");
  }

  @Test
  void aSidecarSaysPrefixCaptionAndSuffix() {
    run("greedy", sidecars("photo of ", ", 4k", false));

    for (int i = 0; i < COUNT; i++) {
      assertThat(sidecar(i)).hasContent("photo of " + expected(i, "greedy") + ", 4k");
    }
    assertThat(images).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void missingSidecarsAreWrittenWithoutCaptioningAgain() throws IOException {
    run("greedy", Runs.output(predictions));
    assertThat(sidecar(0)).doesNotExist();

    assertThat(run("greedy", sidecars("", "", false)).reused()).isEqualTo(COUNT);
    assertThat(sidecar(0)).hasContent(expected(0, "greedy"));

    Files.delete(sidecar(1));
    Files.writeString(sidecar(2), "");
    assertThat(run("greedy", sidecars("", "", false)).captioned()).isZero();
    assertThat(sidecar(1)).hasContent(expected(1, "greedy"));
    assertThat(sidecar(2)).hasContent(expected(2, "greedy"));
  }

  @Test
  void sidecarsFollowTheirPrefixAndTheirCaption() {
    run("greedy", sidecars("old ", "", false));
    run("greedy", sidecars("new ", "", false));
    assertThat(sidecar(0)).hasContent("new " + expected(0, "greedy"));

    run("beams", Runs.output(predictions));
    assertThat(run("beams", sidecars("", "", false)).sidecarsLeft()).isZero();
    assertThat(sidecar(0)).hasContent(expected(0, "beams"));
  }

  @Test
  void sidecarsWithOtherTextAreLeftAloneUnlessTheyAreOverwritten() throws IOException {
    Files.writeString(sidecar(0), "written by hand");
    run("greedy", sidecars("", "", false));
    Files.writeString(sidecar(1), "corrected by hand");

    RunResult result = run("beams", sidecars("", "", false));

    assertThat(result.sidecarsLeft()).isEqualTo(2);
    assertThat(sidecar(0)).hasContent("written by hand");
    assertThat(sidecar(1)).hasContent("corrected by hand");
    assertThat(sidecar(2)).hasContent(expected(2, "beams"));

    run("beams", sidecars("", "", true));
    assertThat(sidecar(0)).hasContent(expected(0, "beams"));
    assertThat(sidecar(1)).hasContent(expected(1, "beams"));
  }

  @Test
  void twoImagesWithOneSidecarAreRefused() {
    Pictures.write(images.resolve("000.jpg"), 77);
    RunOutput.Saved files =
        RunOutput.Saved.to(predictions, KeyMode.PATH, false, new SidecarText("", ""), false);
    ImageInputs inputs = ImageInputs.find(List.of(images.toString()), List.of(), KeyMode.PATH);

    assertThatThrownBy(() -> Runs.run(new HashCaptioner(), inputs, files))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("1 would be written over", "000.jpg", "000.png");
  }

  @Test
  void aSidecarThatIsAnInputIsRefused() throws IOException {
    Path text = Files.writeString(images.resolve("notes.txt"), "no image");
    ImageInputs inputs = ImageInputs.find(List.of(text.toString()), List.of(), KeyMode.STEM);

    assertThatThrownBy(() -> Runs.run(new HashCaptioner(), inputs, sidecars("", "", true)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("notes.txt");
    assertThat(text).hasContent("no image");
  }

  @Test
  void anOutputWithoutItsFolderIsRefused() {
    assertThatThrownBy(() -> run("greedy", Runs.output(folder.resolve("missing/predictions.json"))))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("no folder", "missing", "Create it");
  }

  @Test
  void anOutputThatIsAFolderOrADeviceIsRefused() {
    assertThatThrownBy(() -> run("greedy", Runs.output(folder)))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("is a folder", "predictions.json");
    assertThatThrownBy(() -> run("greedy", Runs.output(Path.of("/dev/null"))))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("/dev/null is none");
    CaptionExport device = new CaptionExport(CaptionExport.Form.COCO_RESULTS, Path.of("/dev/null"));
    RunOutput.Saved file = Runs.output(folder.resolve("o.json"));
    assertThatThrownBy(() -> run("greedy", file.with(List.of(device))))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("/dev/null is none");
  }

  @Test
  void anOutputInAReadOnlyFolderIsRefused() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Assumptions.assumeTrue(
        locked.toFile().setWritable(false) && !Files.isWritable(locked),
        "missing: a user who cannot write everywhere, as root can");
    try {
      assertThatThrownBy(() -> run("greedy", Runs.output(locked.resolve("p.json"))))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("must be writable");
    } finally {
      assertThat(locked.toFile().setWritable(true)).isTrue();
    }
  }

  @Test
  void anOutputThatHoldsSomethingElseIsRefused() throws IOException {
    Files.writeString(predictions, "{\"a\": ");
    assertThatThrownBy(() -> run("greedy", Runs.output(predictions)))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("no predictions that could be added to", "Move it away");

    Files.writeString(predictions, "[{\"image_id\": 1, \"caption\": \"a\"}]");
    assertThatThrownBy(() -> run("greedy", Runs.output(predictions)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("COCO results list");
  }

  @Test
  void aFolderInASidecarsPlaceIsLeftAloneAndTheRunGoesOn() throws IOException {
    Files.createDirectory(sidecar(2));
    Files.writeString(sidecar(2).resolve("in the way"), "");

    RunResult result = run("greedy", sidecars("", "", true));

    assertThat(result.status()).isInstanceOf(RunStatus.Completed.class);
    assertThat(result.exitCode()).isEqualTo(RunResult.FAILED);
    assertThat(result.sidecarsLeft()).isZero();
    for (List<String> lines :
        List.of(result.summary(sidecars("", "", true)), result.troubles(sidecars("", "", true)))) {
      assertThat(String.join("\n", lines))
          .contains("1 sidecar was not written", sidecar(2).toString(), "Move these away")
          .doesNotContain("--overwrite");
    }
    assertThat(sidecar(2).resolve("in the way")).exists();

    Files.delete(sidecar(2).resolve("in the way"));
    Files.delete(sidecar(2));
    run("greedy", sidecars("", "", false));
    assertThat(sidecar(2)).hasContent(expected(2, "greedy"));
  }

  @Test
  void aPrintedNameWithLineBreaksAndTabsStaysOnItsLine() {
    StringWriter printed = new StringWriter();
    RunOutput.Printed output = new RunOutput.Printed(new PrintWriter(printed), true);

    output.print(new ImageInput(Path.of("a\nb\tc.jpg"), "key"), "two\nlines");

    assertThat(printed.toString().strip()).isEqualTo("a\\u000ab\\u0009c.jpg\ttwo lines");
  }
}
