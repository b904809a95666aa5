package dev.vignette.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.TestData;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The commands as a user types them, in this process. */
class EvalCommandTest {
  private static final String ANNOTATIONS =
      """
      {"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"},
                  {"id": 3, "file_name": "c.jpg"}],
       "annotations": [
         {"image_id": 1, "caption": "a man riding a horse"},
         {"image_id": 1, "caption": "a person on a horse"},
         {"image_id": 1, "caption": "a man rides a brown horse on the beach"},
         {"image_id": 2, "caption": "two dogs play in the snow"},
         {"image_id": 2, "caption": "a pair of dogs running in snow"},
         {"image_id": 2, "caption": "dogs in snow"},
         {"image_id": 3, "caption": "a plate of food on a table"},
         {"image_id": 3, "caption": "some food on a white plate"},
         {"image_id": 3, "caption": "a meal"}]}
      """;

  private static final String PREDICTIONS =
      "{\"a\": \"A man riding a horse.\", \"b\": \"dogs in the snow\", \"c\": \"a plate of food\"}";

  /** Of the reference, for these captions. */
  private static final double CIDER = 3.2871812935204137;

  @TempDir private Path folder;

  /** What a run left behind. */
  private record Run(int code, String out, String err) {
    String lastLine() {
      return out.lines().toList().getLast();
    }
  }

  private static Run eval(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new EvalCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler((failure, command, result) -> {
              command.getErr().println(failure.getMessage());
              return failure instanceof UsageException ? 2 : 1;
            })
            .execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  private String file(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Run score(String predictions, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--predictions", file("p.json", predictions)));
    arguments.addAll(List.of("--annotations", file("a.json", ANNOTATIONS)));
    arguments.addAll(List.of(more));
    return eval(arguments.toArray(String[]::new));
  }

  @Test
  void figuresEndWithTheHomeworksLine() {
    Run run =
        eval(
            "--pred_file",
            file("p.json", PREDICTIONS),
            "--annotation_file",
            file("a.json", ANNOTATIONS),
            "--images_root",
            folder.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.lastLine()).isEqualTo("CIDEr: " + CIDER + " | CLIPScore: not computed");
    assertThat(run.out())
        .contains(
            "CIDEr           3.2872   [", "BLEU-4          0.8954   [", "ROUGE-L         0.8977")
        .contains(
            "fingerprint: tokenizer vignette-ptb-2 | tokenization compat | CIDEr-D df corpus N=3");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void cocosResultsAreTakenToo() {
    Run run =
        score(
            """
            [{"image_id": 3, "caption": "a plate of food"}, {"image_id": 1, "caption":
             "A man riding a horse."}, {"image_id": 2, "caption": "dogs in the snow", "score": 1}]
            """);
    assertThat(run.lastLine()).startsWith("CIDEr: " + CIDER);
  }

  @Test
  void everyFormOfPredictionsAndReferencesGivesTheSameFigure() throws IOException {
    String a = "\"A man riding a horse.\"";
    String byName = ANNOTATIONS.replaceAll("(id\": )(\\d)", "$1\"image-$2\"");
    String map =
        """
        {"a.jpg": ["a man riding a horse", "a person on a horse", "a man rides a brown horse on the beach"],
         "b.jpg": ["two dogs play in the snow", "a pair of dogs running in snow", "dogs in snow"],
         "c.jpg": ["a plate of food on a table", "some food on a white plate", "a meal"]}
        """;
    List<String> forms =
        List.of(
            PREDICTIONS,
            "{\"a\": [" + a + "], \"b\": [\"dogs in the snow\"], \"c\": [\"a plate of food\"]}",
            "[{\"a\": " + a + "}, {\"b\": \"dogs in the snow\"}, {\"c\": \"a plate of food\"}]",
            "{\"a.jpg\": "
                + a
                + "}\n{\"b.jpg\": \"dogs in the snow\"}\n{\"c\": \"a plate of food\"}");
    for (String references : List.of(ANNOTATIONS, byName, map)) {
      Path packed = folder.resolve("a.json.gz");
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
        out.write(references.getBytes(StandardCharsets.UTF_8));
      }
      for (String form : forms) {
        String file = file("p.json", form);
        Run run = eval("--predictions", file, "--annotations", packed.toString());
        assertThat(run.lastLine()).as(form + run.err()).startsWith("CIDEr: " + CIDER + " ");
      }
    }
    String lines =
        "{\"image_id\": \"image-1\", \"caption\": "
            + a
            + "}\n{\"image_id\": \"image-2\", \"caption\": \"dogs in the snow\"}\n{\"image_id\": \"image-3\", \"caption\": \"a plate of food\"}\n";
    Path json = folder.resolve("r.json");
    Run run =
        eval(
            "--predictions",
            file("p.jsonl", lines),
            "--annotations",
            file("named.json", byName),
            "--json",
            json.toString());
    assertThat(run.lastLine()).as(run.err()).startsWith("CIDEr: " + CIDER + " ");
    assertThat(TestData.json(json).get("images").get(0).get("image_id").asString())
        .isEqualTo("image-1");
  }

  @Test
  void partsInAFolderOrOfAPatternAreReadAsOne() throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    Files.writeString(parts.resolve("part-1.json"), "{\"b\": \"dogs in the snow\"}");
    Files.writeString(parts.resolve("part-2.jsonl"), "{\"c\": \"a plate of food\"}\n");
    Files.writeString(parts.resolve("part-0.json"), "{\"a\": \"A man riding a horse.\"}");
    Files.writeString(parts.resolve("part-3.json"), "{}");
    Files.writeString(parts.resolve("part-0.details.jsonl"), "{\"a\": 1}");
    Files.writeString(parts.resolve("_SUCCESS"), "");
    String annotations = file("a.json", ANNOTATIONS);
    Run whole = score(PREDICTIONS, "--tokenization", "compat");
    for (String name : List.of(parts.toString(), parts + "/part-?.json*")) {
      Run run = eval("--predictions", name, "--annotations", annotations);
      assertThat(run.lastLine()).as(run.err()).isEqualTo(whole.lastLine());
    }
    Run compared =
        eval(
            "compare", parts.toString(), file("p.json", PREDICTIONS), "--annotations", annotations);
    assertThat(compared.out()).as(compared.err()).contains("0 / 0 / 3");
    String first = parts.resolve("part-0.json").toString();
    Run over = eval("--predictions", "" + parts, "--annotations", annotations, "--json", first);
    assertThat(over.err()).contains("--json would replace");
  }

  @Test
  void reportsAmongThePartsArePassedOver() throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    Files.writeString(parts.resolve("captions.json"), PREDICTIONS);
    String annotations = file("a.json", ANNOTATIONS);
    String scores = parts.resolve("scores.json").toString();
    String[] arguments = {"--predictions", "" + parts, "--annotations", annotations};
    Run first = eval("--predictions", "" + parts, "--annotations", annotations, "--json", scores);
    assertThat(first.code()).as(first.err()).isZero();
    Files.writeString(
        parts.resolve("comparison.json"), "{\"vignette_compare\":1,\"metric\":\"CIDEr\"}\n");
    Run again = eval(arguments);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).isEqualTo(first.out());
    arguments[1] = parts + "/*.json";
    assertThat(eval(arguments).out()).isEqualTo(first.out());
    Files.delete(parts.resolve("captions.json"));
    assertThat(eval(arguments).err()).contains("No file of predictions matches");
  }

  @Test
  void partsThatDoNotFitAreRefusedByName() throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    String annotations = file("a.json", ANNOTATIONS);
    assertThat(eval("--predictions", "" + parts, "--annotations", annotations).err())
        .contains("holds no predictions");
    assertThat(eval("--predictions", parts + "/p*.json", "--annotations", annotations).err())
        .contains("No file of predictions matches");
    Files.writeString(parts.resolve("1.json"), "{\"a\": \"x\"}");
    Files.writeString(parts.resolve("2.json"), "{\"b\": \"y\",\n\"a\": \"x\"}");
    assertThat(eval("--predictions", "" + parts, "--annotations", annotations).err())
        .contains("2.json, line 2", "\"a\" already has a caption", "1.json, line 1");
    Files.writeString(parts.resolve("2.json"), "[{\"image_id\": 2, \"caption\": \"y\"}]");
    assertThat(eval("--predictions", "" + parts, "--annotations", annotations).err())
        .contains("2.json", "by image_id", "by file");
  }

  @Test
  void aSplitOfKarpathysDataSetIsScoredAlone() {
    String image =
        "{\"filename\": \"%s.jpg\", \"imgid\": %d, \"split\": \"%s\", \"sentences\": [{\"raw\": \"%s\"}]}";
    String references =
        "{\"images\": ["
            + image.formatted("a", 1, "test", "a man riding a horse")
            + ","
            + image.formatted("b", 2, "test", "dogs in snow")
            + ","
            + image.formatted("z", 3, "train", "a train")
            + "], \"dataset\": \"coco\"}";
    String predictions =
        file("p.json", "{\"a\": \"a man riding a horse\", \"b\": \"dogs in snow\"}");
    String annotations = file("k.json", references);
    Run run = eval("--predictions", predictions, "--annotations", annotations, "--split", "test");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("images 2", "BLEU-1          1.0000");
    assertThat(eval("--predictions", predictions, "--annotations", annotations).err())
        .contains("images without a prediction (1): z");
  }

  @Test
  void namesOfBracketsCountAsTheReferenceCountsThem() {
    String references =
        """
        {"1": ["a man (left) on a bike"],
         "2": ["two dogs play with a red ball on grass", "dogs playing in a field with a ball"],
         "3": ["a plate of food with rice and beans", "some rice and beans on a white plate"]}
        """;
    for (String left : List.of("-LRB-", "-lrb-")) {
      String predictions =
          """
          {"1": "a man %s left %s on a bike", "2": "two dogs playing with a ball", "3": "rice and beans on a plate"}
          """
              .formatted(left, left.replace('L', 'R').replace('l', 'r'));
      Run run =
          eval(
              "--predictions",
              file("p.json", predictions),
              "--annotations",
              file("a.json", references));
      assertThat(run.lastLine()).startsWith("CIDEr: 5.857564495716777 ");
    }
  }

  @Test
  void anInputIsNeverAnOutputAndNoTwoOutputsAreOne() throws IOException {
    String frequencies = folder.resolve("df.txt").toString();
    assertThat(score(PREDICTIONS, "--save-cider-df", frequencies).code()).isZero();
    Path image = Files.write(folder.resolve("a.jpg"), new byte[] {1});
    Path link = Files.createLink(folder.resolve("link.html"), folder.resolve("a.json"));
    List<String> inputs =
        List.of(
            folder.resolve("p.json").toString(), link.toString(), frequencies, image.toString());
    for (String option : List.of("--json", "--per-image", "--html", "--save-cider-df")) {
      for (String input : inputs) {
        byte[] before = Files.readAllBytes(Path.of(input));
        Run run =
            score(PREDICTIONS, option, input, "--cider-df", frequencies, "--images", "" + folder);
        assertThat(run.code()).as(option + " " + input).isEqualTo(2);
        assertThat(run.err()).contains(option + " would replace " + input);
        assertThat(Path.of(input)).hasBinaryContent(before);
      }
    }
    String twice = folder.resolve("out").toString();
    Run run = score(PREDICTIONS, "--json", twice, "--html", twice);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--json and --html would write the same file");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aFullDiskIsSaidInASentence() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "skipped: there is no /dev/full");
    for (String option : List.of("--json", "--per-image", "--html", "--save-cider-df")) {
      Run run = score(PREDICTIONS, option, full.toString());
      assertThat(run.code()).isNotZero();
      assertThat(run.err()).contains("/dev/full cannot be written", "No space left on device");
    }
  }

  @Test
  void onlyTheMetricsAskedForAreComputed() {
    Run run = score(PREDICTIONS, "--metrics", "bleu,rouge");
    assertThat(run.out()).contains("BLEU-1", "ROUGE-L").doesNotContain("CIDEr-D");
    assertThat(run.lastLine()).isEqualTo("CIDEr: not computed | CLIPScore: not computed");
  }

  @Test
  void singleFiguresCanBeAskedForAndAreComparedAsSuch() {
    String json = folder.resolve("one.json").toString();
    Run run = score(PREDICTIONS, "--metrics", "BLEU-4,rouge-l", "--json", json);
    assertThat(run.out()).contains("BLEU-4          0.8954", "ROUGE-L").doesNotContain("BLEU-1");
    Run compared = eval("compare", json, json);
    assertThat(compared.out())
        .containsPattern("BLEU-4 +\\+0\\.0000 .* 0 / 0 / 3")
        .doesNotContain("BLEU-1");
  }

  @Test
  void metricsAreListedWhereNoneIsNamedOrHelpIsAskedFor() {
    for (String[] arguments :
        List.of(
            new String[] {"--metrics"},
            new String[] {"--metrics", "help"},
            new String[] {"--metrics=List"},
            new String[] {"compare", "--metrics"},
            new String[] {"compare", "--metrics", "list"},
            new String[] {"--metrics", "--predictions", "p.json"})) {
      Run run = eval(arguments);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out().lines().map(line -> line.split(" ", 2)[0]))
          .containsExactly("cider", "bleu", "rouge", "clipscore", "refclipscore");
      assertThat(run.out()).contains("(BLEU-1, BLEU-2, BLEU-3, BLEU-4)");
    }
  }

  @Test
  void aFileThatStandsAfterMetricsIsNotLeftOutOfAComparison() {
    String json = folder.resolve("report.json").toString();
    assertThat(score(PREDICTIONS, "--json", json).code()).isZero();
    Run run = eval("compare", "--metrics", json, json, json);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no metric \"" + json + "\"", "--metrics list");
  }

  @Test
  void aComparisonTakesTwoFiles() {
    Run run = eval("compare", "a.json");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("two files or more", "has 1");
  }

  @Test
  void anUnknownMetricIsAUsageErrorThatNamesThoseThatExist() {
    Run run = score(PREDICTIONS, "--metrics", "spice");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("no metric \"spice\"", "cider, bleu, rouge, clipscore, refclipscore");
  }

  @Test
  void missingAndExtraPredictionsStopTheRunAndAreNamed() {
    String predictions = "{\"a\": \"a man\", \"zebra\": \"a zebra\"}";
    Run run = score(predictions);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("images without a prediction (2): b, c")
        .contains("predictions of no image of the annotations (1): zebra")
        .contains("--allow-missing");
    Run allowed = score(predictions, "--allow-missing");
    assertThat(allowed.code()).isZero();
    assertThat(allowed.out()).contains("images 1");
    assertThat(allowed.err())
        .contains("note: Left out: images without a prediction (2): b, c.")
        .contains("note: CIDEr is 0 because there is one image only");
  }

  @Test
  void predictionsOfOtherImagesAreRefusedEvenIfTheyMayBeMissing() {
    Run run = score("{\"x\": \"a man\"}", "--allow-missing");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("No prediction").contains("(1): x");
  }

  @Test
  void emptyCaptionsAreScoredAndNamed() {
    Run run = score("{\"a\": \" \", \"b\": \"dogs in the snow\", \"c\": \"a plate of food\"}");
    assertThat(run.lastLine()).startsWith("CIDEr: 1.8367420801550145");
    assertThat(run.err()).contains("note: Empty captions, which score 0 (1): a.");
  }

  @Test
  void whatIsNoCaptionIsRefusedWithItsLine() {
    for (String wrong : List.of("NaN", "null", "3", "[\"a\", \"b\"]", "[]")) {
      Run run = score("{\"a\": " + wrong + "}");
      assertThat(run.code()).as(wrong).isEqualTo(1);
      assertThat(run.err()).contains("p.json, line 1");
    }
    assertThat(score("{\"a\": \"x\", \"a\": \"y\"}").err()).contains("already has a caption");
  }

  @Test
  void bothFilesAreNeeded() {
    Run run = eval("--predictions", file("p.json", PREDICTIONS));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--annotations");
  }

  @Test
  void theTokenizerOfCoreNlpGivesTheSame() {
    Run run = score(PREDICTIONS, "--tokenizer", "corenlp");
    assertThat(run.lastLine()).startsWith("CIDEr: " + CIDER);
    assertThat(run.out()).contains("tokenizer stanford-corenlp-3.4.1 |");
  }

  @Test
  void savedDocumentFrequenciesFixTheFigureOfAnImage() {
    String saved = folder.resolve("df.txt").toString();
    assertThat(score(PREDICTIONS, "--save-cider-df", saved).code()).isZero();
    Run one = score("{\"a\": \"A man riding a horse.\"}", "--allow-missing", "--cider-df", saved);
    assertThat(one.lastLine()).startsWith("CIDEr: 4.351317640096197 ");
    assertThat(one.out()).containsPattern("CIDEr-D df file [0-9a-f]{12} N=3");
    Run wrong = score(PREDICTIONS, "--cider-df", "nowhere.txt");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("nowhere.txt").contains("--save-cider-df");
  }

  @Test
  void clipscoreNeedsAModelAndImages() {
    assertThat(score(PREDICTIONS, "--metrics", "clipscore").err()).contains("--images");
    assertThat(score(PREDICTIONS, "--metrics", "clipscore", "--images", folder.toString()).err())
        .contains("--clip");
  }

  @Test
  void theReportHasEveryFigureOfEveryImage() throws IOException {
    Path json = folder.resolve("report.json");
    Path csv = folder.resolve("report.csv");
    Run run =
        score(
            PREDICTIONS.replace("food", "food, \\\"hot\\\""),
            "--json",
            json.toString(),
            "--per-image",
            csv.toString());
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode report = TestData.json(json);
    double cider = report.get("metrics").get("CIDEr").get("value").doubleValue();
    assertThat(run.lastLine()).startsWith("CIDEr: " + cider);
    assertThat(report.get("images")).hasSize(3);
    double sum =
        report
            .get("images")
            .valueStream()
            .mapToDouble(image -> image.get("CIDEr").doubleValue())
            .sum();
    assertThat(sum / 3).isCloseTo(cider, within(1e-12));
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(4);
    assertThat(lines.getFirst())
        .isEqualTo("image,image_id,file_name,CIDEr,BLEU-1,BLEU-2,BLEU-3,BLEU-4,ROUGE-L,caption");
    assertThat(lines.getLast())
        .startsWith("c,3,c.jpg,")
        .endsWith(",\"a plate of food, \"\"hot\"\"\"");
  }

  @Test
  void thePageHoldsItsDataAndLoadsNothing() throws IOException {
    Path html = folder.resolve("page.html");
    Files.copy(
        TestData.repository("models/mini/data/images/val/000000000001.jpg"),
        folder.resolve("a.jpg"));
    Files.writeString(folder.resolve("b.jpg"), "no image");
    Run run =
        score(
            PREDICTIONS.replace("plate", "</script><b>plate"),
            "--images",
            folder.toString(),
            "--html",
            html.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("images that cannot be read (2): b.jpg")
        .contains("c.jpg (not there)");
    String page = Files.readString(html);
    assertThat(page)
        .contains("default-src 'none'")
        .contains("data:image/jpeg;base64,")
        .doesNotContain("</script><b>")
        .doesNotContainPattern("(src|href)=\"?(http|//)");
    String data =
        page.substring(
            page.indexOf("id=\"data\">") + "id=\"data\">".length(),
            page.indexOf("</script>", page.indexOf("id=\"data\">")));
    JsonNode json = new ObjectMapper().readTree(data);
    assertThat(json.get("images").get(2).get("caption").asString())
        .isEqualTo("a </script><b>plate of food");
    assertThat(json.get("images").get(0).has("picture")).isTrue();
    assertThat(json.get("images").get(1).has("picture")).isFalse();
    assertThat(json.get("notes").get(0).asString()).startsWith("Images that cannot be read (2)");
  }

  @Test
  void systemsAreComparedFromReportsOrFromPredictions() {
    String worse = "{\"a\": \"a dog\", \"b\": \"dogs in the snow\", \"c\": \"a plate of food\"}";
    Path better = folder.resolve("better.json");
    Path other = folder.resolve("other.json");
    score(worse, "--json", other.toString());
    score(PREDICTIONS, "--json", better.toString());
    Run reports = eval("compare", other.toString(), better.toString());
    assertThat(reports.code()).as(reports.err()).isZero();
    assertThat(reports.out())
        .contains("better against other, 3 images")
        .containsPattern("CIDEr +\\+\\d\\.\\d{4} .* 1 / 0 / 2");
    Run predictions =
        eval(
            "compare",
            file("worse.json", worse),
            file("good.json", PREDICTIONS),
            "--annotations",
            file("a.json", ANNOTATIONS));
    assertThat(predictions.out()).contains("good against worse, 3 images");
    Stream.of("CIDEr", "BLEU-4", "ROUGE-L")
        .forEach(metric ->
            assertThat(line(predictions.out(), metric)).isEqualTo(line(reports.out(), metric)));
  }

  private static String line(String text, String start) {
    return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
  }

  @Test
  void figuresThatCannotBeComparedAreRefused() {
    Path strict = folder.resolve("strict.json");
    Path compat = folder.resolve("compat.json");
    score(PREDICTIONS, "--json", strict.toString(), "--tokenization", "strict");
    score(PREDICTIONS, "--json", compat.toString());
    Run modes = eval("compare", strict.toString(), compat.toString());
    assertThat(modes.code()).isEqualTo(2);
    assertThat(modes.err()).contains("tokenization is strict for one and compat for the other");
    Path all = folder.resolve("all.json");
    Path fewer = folder.resolve("fewer.json");
    score(PREDICTIONS, "--metrics", "rouge", "--json", all.toString());
    String one = "{\"a\": \"a dog\"}";
    score(one, "--allow-missing", "--metrics", "rouge", "--json", fewer.toString());
    Run images = eval("compare", all.toString(), fewer.toString());
    assertThat(images.code()).isEqualTo(2);
    assertThat(images.err()).contains("images in one only (2): b, c");
    assertThat(eval("compare", compat.toString(), file("p.json", PREDICTIONS)).err())
        .contains("--annotations");
  }

  @Test
  void theMiniaturesOwnCaptionsHaveTheirCider() {
    JsonNode captions =
        TestData.json(TestData.shared("golden/llava/golden_llava.json"))
            .get("captions")
            .get("crop/seed_best/beams1");
    List<String> members = new ArrayList<>();
    captions.forEachEntry(
        (stem, caption) -> members.add("\"" + stem + "\": " + caption.get("caption")));
    Run run =
        eval(
            "--predictions",
            file("mini.json", "{" + String.join(",", members) + "}"),
            "--annotations",
            TestData.repository("models/mini/data/val.json").toString());
    assertThat(run.lastLine()).startsWith("CIDEr: 3.93156").contains(" | CLIPScore: ");
  }
}
