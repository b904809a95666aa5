package dev.vignette.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vignette report} over five miniature images, in this process. */
class ReportTest {
  private static final Path MINI = ProgramRun.ROOT.resolve("models/mini");
  private static final int COUNT = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @BeforeEach
  void writeData() throws IOException {
    Files.createDirectory(folder.resolve("images"));
    JsonNode all = JSON.readTree(Files.readString(MINI.resolve("data/val.json")));
    var some = JSON.createObjectNode();
    var images = some.putArray("images");
    var annotations = some.putArray("annotations");
    for (JsonNode image : all.required("images")) {
      if (image.required("id").asInt() <= COUNT) {
        images.add(image);
        String name = image.required("file_name").asString();
        Files.copy(
            MINI.resolve("data/images/val").resolve(name), folder.resolve("images").resolve(name));
      }
    }
    for (JsonNode annotation : all.required("annotations")) {
      if (annotation.required("image_id").asInt() <= COUNT) {
        annotations.add(annotation);
      }
    }
    Files.writeString(folder.resolve("val.json"), some.toString());
    Files.writeString(
        folder.resolve("prompts.yaml"),
        """
        instructions:
          short: Write a short caption for this image.
          these: What are these?
        configs:
          greedy: {max_new_tokens: 20}
        """);
  }

  private ProgramRun report(String attended) throws IOException {
    return report(attended, MINI.resolve("runs/rank16").toString());
  }

  private ProgramRun report(String attended, String runs) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("report.yaml"),
            """
            title: Five <pictures>
            data: {images: images, annotations: val.json, clip: %s}
            llava: {prompts: prompts.yaml}
            captioner: {runs: [%s]}
            attention: {images: [%s]}
            """
                .formatted(MINI.resolve("clip"), runs, attended));
    return ProgramRun.of("report", "--config", config.toString(), "-o", output("").toString());
  }

  private Path output(String name) {
    return folder.resolve("report").resolve(name);
  }

  @Test
  void onePageHasTablesCurvesAndTheAttentionOfBothCaptioners() throws IOException {
    ProgramRun run = report("\"000000000002\"");
    assertThat(run.code()).as(run.err()).isZero();
    String page = Files.readString(output("index.html"));
    assertThat(page)
        .contains("Five &lt;pictures&gt;", "What are these?", "rank16", "Best pair of LLaVA")
        .contains("Worst pair of ViT", "data:image/png;base64,")
        .doesNotContain("@DATA@", "@BODY@")
        .doesNotContainPattern("(src|href)=\"(?!data:|#)");
    JsonNode widgets = JSON.readTree(dataOf(page));
    assertThat(widgets.size()).isEqualTo(2 + 4);
    assertThat(widgets.required(0).required("caption").required("caption").asString())
        .isEqualTo("An airplane flying above a boy in the snow.");
  }

  @Test
  void anAttendedImageWithoutReferencesIsShownWithoutAScore() throws IOException {
    Path file = folder.resolve("val.json");
    ObjectNode all = (ObjectNode) JSON.readTree(Files.readString(file));
    ArrayNode kept = JSON.createArrayNode();
    for (JsonNode annotation : all.required("annotations")) {
      if (annotation.required("image_id").asInt() != 2) {
        kept.add(annotation);
      }
    }
    all.set("annotations", kept);
    Files.writeString(file, all.toString());

    ProgramRun run = report("\"000000000002\", \"000000000003\"");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(output("report.md")).lines())
        .contains("000000000002")
        .anyMatch(line -> line.startsWith("000000000003; llava: CLIPScore "));
  }

  private static String dataOf(String page) {
    String opening = "<script type=\"application/json\" id=\"data\">";
    int from = page.indexOf(opening) + opening.length();
    return page.substring(from, page.indexOf("</script>", from));
  }

  @Test
  void everyPictureOfTheMarkdownIsThere() throws IOException {
    ProgramRun run = report("\"000000000001\", \"000000000003\"");
    assertThat(run.code()).as(run.err()).isZero();
    Matcher pictures =
        Pattern.compile("!\\[[^\\n]*\\]\\(([^)]+)\\)")
            .matcher(Files.readString(output("report.md")));
    int count = 0;
    while (pictures.find()) {
      assertThat(output(pictures.group(1))).exists();
      count++;
    }
    assertThat(count).isEqualTo(1 + 2 * 2 + 4);
  }

  @Test
  void aStepThatFailsSaysWhyAndTheReportEndsWithItsCode() throws IOException {
    Files.writeString(folder.resolve("prompts.yaml"), "instructions:\n  short: ' '\n");
    Files.createDirectories(output("llava"));
    String measured = "{\"vignette_compare\": 1, \"images_per_second\": 3}";
    Files.writeString(output("llava/comparison.json"), measured);
    ProgramRun run = report("");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(output("llava/comparison.json")).hasContent(measured);
    assertThat(run.err())
        .containsSubsequence(
            "report: llava compare",
            "vignette: prompts.yaml line 2: instructions.short is empty",
            "the report needs llava compare, which ended without a result (2, see above)");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aReportMadeAgainCaptionsNothingTwice() throws IOException {
    assertThat(report("\"000000000002\"").code()).isZero();
    String before = Files.readString(output("index.html"));
    ProgramRun again = report("\"000000000002\"");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("0 captioned");
    assertThat(Files.readString(output("index.html"))).isEqualTo(before);
  }

  @Test
  void anImageThatIsNotThereAndAKeyThatIsNotKnownAreRefused() throws IOException {
    ProgramRun unknown = report("\"000000000099\"");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("000000000099");
    assertThat(output("llava")).doesNotExist();
    Path config =
        Files.writeString(
            folder.resolve("other.yaml"), "data: {images: images, annotation: val.json}\n");
    ProgramRun run = ProgramRun.of("report", "--config", config.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("annotations");
  }

  @Test
  void anAttendedImageThatCannotBeReadIsRefusedBeforeAnyWork() throws IOException {
    Path image = folder.resolve("images/000000000002.jpg");
    byte[] whole = Files.readAllBytes(image);
    Files.write(image, Arrays.copyOf(whole, 100));
    ProgramRun run = report("\"000000000002\"");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("attention.images names 000000000002", image.toString());
    assertThat(output("llava")).doesNotExist();
  }

  @Test
  void twoReportsDoNotMixInOneFolder() throws IOException {
    try (ProcessLock _ = OutputFolder.take(output(""), "index.html")) {
      ProgramRun run = report("");
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("is being written by another process");
    }
    assertThat(output("llava")).doesNotExist();
  }

  @Test
  void captionsOfARunAreNotShownBesideOtherPicturesOfTheSameNames() throws IOException {
    Files.copy(
        folder.resolve("images/000000000001.jpg"),
        folder.resolve("images/000000000002.jpg"),
        StandardCopyOption.REPLACE_EXISTING);
    ProgramRun run = report("");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("rank16 was validated on are others now", "000000000002.jpg");
    assertThat(output("llava")).doesNotExist();
  }

  @Test
  void filesOfSomebodyElsesAreRefusedBeforeAnyWork() throws IOException {
    for (String name :
        new String[] {
          "index.html",
          "report.md",
          "llava/comparison.json",
          "captioner/comparison.json",
          "captioner/curves.png"
        }) {
      Path foreign = output(name);
      Files.createDirectories(foreign.getParent());
      Files.writeString(foreign, "<title>My homepage</title>");
      ProgramRun run = report("");
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("would replace " + foreign);
      assertThat(foreign).hasContent("<title>My homepage</title>");
      Files.delete(foreign);
    }
    assertThat(output("llava/short.greedy.json")).doesNotExist();
  }

  @Test
  void attentionFoldersOfSomebodyElsesAreRefusedBeforeAnyWork() throws IOException {
    for (String name :
        List.of(
            "000000000002-llava",
            "000000000002-captioner",
            "extremes/best-llava",
            "extremes/worst-captioner")) {
      Path foreign = output("attention").resolve(name).resolve("figure.png");
      Files.createDirectories(foreign.getParent());
      Files.writeString(foreign, "my drawing");
      ProgramRun run = report("\"000000000002\"");
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains(name, "would lose figure.png");
      assertThat(foreign).hasContent("my drawing");
      Files.delete(foreign);
    }
    assertThat(output("llava")).doesNotExist();
  }

  @Test
  void aFileInTheAttentionFoldersPlaceIsRefusedBeforeAnyWork() throws IOException {
    Files.createDirectories(output(""));
    Files.writeString(output("attention"), "my notes");
    ProgramRun run = report("");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(output("attention") + ", but that is a file");
    assertThat(output("llava")).doesNotExist();
  }

  @Test
  void whatAnEarlierRunComparedIsNotShownWhenAStepFails() throws IOException {
    Path llava = Files.createDirectories(output("llava"));
    Path stale =
        Files.writeString(
            llava.resolve("comparison.json"), "{\"vignette_compare\": 1, \"systems\": []}");
    for (int id = 1; id <= COUNT; id++) {
      Files.writeString(folder.resolve("images/%012d.jpg".formatted(id)), "no picture");
    }
    ProgramRun run = report("", "");
    assertThat(run.code()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains("000000000001.jpg", "llava compare", "without a result (1");
    assertThat(stale).doesNotExist();
    assertThat(output("index.html")).doesNotExist();
  }
}
