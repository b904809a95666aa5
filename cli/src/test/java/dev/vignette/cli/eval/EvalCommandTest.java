package dev.vignette.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.eval.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The commands as a user types them, in this process. */
class EvalCommandTest extends EvalProgram {

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
  void anOutputReplacesAnEarlierOneOfItsKindOnly() throws IOException {
    List<String> options = List.of("--json", "--per-image", "--html", "--save-cider-df");
    for (String option : options) {
      String own = folder.resolve("own" + option).toString();
      Files.createFile(Path.of(own));
      for (int time = 0; time < 2; time++) {
        Run run = score(PREDICTIONS, option, own);
        assertThat(run.code()).as(option + run.err()).isZero();
      }
      assertThat(Path.of(own)).isNotEmptyFile();
    }
    file("notes--", "On vignette_eval, image,image_id,file_name, and vignette-cider-df 2\n");
    file("other--", PREDICTIONS);
    for (String option : options) {
      for (String foreign : List.of("notes--", "other--", "own--json", "own--html")) {
        Path there = folder.resolve(foreign);
        if (foreign.equals("own" + option)) {
          continue;
        }
        byte[] before = Files.readAllBytes(there);
        Run run = score(PREDICTIONS, option, there.toString());
        assertThat(run.code()).as(option + " " + foreign).isEqualTo(2);
        assertThat(run.err())
            .contains(option + " would replace " + there + ", which this program did not write");
        assertThat(there).hasBinaryContent(before);
      }
      assertThat(score(PREDICTIONS, option, "/dev/null").code()).isZero();
    }
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
    assertThat(run.err())
        .contains("note: Empty captions, which score 0 by all but CLIPScore (1): a.");
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
  void aReportWhoseFigureIsNotTheMeanOfItsImagesIsNotCompared() throws IOException {
    Path own = folder.resolve("own.json");
    assertThat(score(PREDICTIONS, "--json", own.toString()).code()).isZero();
    String report = Files.readString(own);
    for (String metric : List.of("CIDEr", "ROUGE-L", "BLEU-4")) {
      Path changed = folder.resolve(metric + ".json");
      Files.writeString(
          changed, report.replaceFirst("(\"" + metric + "\":\\{\"value\":)[0-9.]+", "$10.123"));
      Run run = eval("compare", own.toString(), changed.toString());
      assertThat(run.code()).isNotZero();
      assertThat(run.err()).contains(changed + " says that its " + metric + " is 0.123, but by");
    }
  }

  @Test
  void aReportWhoseCountsOfBleuCannotBeIsNotCompared() throws IOException {
    Path own = folder.resolve("own.json");
    assertThat(score(PREDICTIONS, "--json", own.toString()).code()).isZero();
    String report = Files.readString(own);
    Map<String, String> saying =
        Map.of(
            "[100,100,100,100,100,100]", "from 0 to 99",
            "[10,10,0,1,0,0]", "from 0 to 0",
            "[-1,4,0,0,0,0]", "from 0 on",
            "[9,9,9,8,-1,0]", "from 0 to 7",
            "[9,9,9,8,7,6]", "but by the counts of its images it is",
            "[9,9,1,1,0,0]", "but by its counts it is",
            "[99999999999,9,9,8,7,6]", "no whole report");
    Path changed = folder.resolve("changed.json");
    for (var counts : saying.entrySet()) {
      Files.writeString(
          changed, report.replaceFirst("\"bleu\":\\[[^]]*]", "\"bleu\":" + counts.getKey()));
      Run run = eval("compare", own.toString(), changed.toString());
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).contains(changed + " ", counts.getValue(), "Make it again");
    }
    Files.writeString(changed, report.replaceFirst("(?s)\"images\":\\[.*]", "\"images\":[]"));
    assertThat(eval("compare", own.toString(), changed.toString()).err())
        .contains(changed + " is a report of no images", "Make it again");
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
    assertThat(images.err()).contains("images of all only (2): b, c");
    assertThat(eval("compare", compat.toString(), file("p.json", PREDICTIONS)).err())
        .contains("--annotations");
  }

  @Test
  void predictionsOfDifferentImagesAreComparedOverThoseCommonToAll() {
    String first = file("first.json", "{\"a\": \"a dog\", \"b\": \"dogs in the snow\"}");
    String second = file("second.json", PREDICTIONS.replace("\"a\"", "\"zebra\""));
    String[] compare = {
      "compare", first, second, "--annotations", file("a.json", ANNOTATIONS), "--metrics", "rouge"
    };
    Run refused = eval(compare);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .contains("first.json has images without a prediction (1): c")
        .contains("second.json has images without a prediction (1): a")
        .contains("second.json has predictions of no image of the annotations (1): zebra")
        .contains("the 1 images that all have with --allow-missing");
    Run allowed = eval(with(compare, "--allow-missing"));
    assertThat(allowed.code()).as(allowed.err()).isZero();
    assertThat(allowed.out())
        .contains("second against first, 1 images")
        .containsPattern("ROUGE-L +\\+0\\.0000 .* 0 / 0 / 1");
    assertThat(allowed.err())
        .contains("first.json: Left out: images without a prediction (1): c.")
        .contains("Compared are the 1 images that all have.");
    String none = file("none.json", "{\"c\": \"food\"}");
    Run apart =
        eval("compare", first, none, "--annotations", folder + "/a.json", "--allow-missing");
    assertThat(apart.code()).isEqualTo(2);
    assertThat(apart.err()).contains("No image", "none.json has images without a prediction (2)");
  }

  @Test
  void optionsThatChangeNothingAboutReportsAreRefused() {
    String report = folder.resolve("report.json").toString();
    score(PREDICTIONS, "--json", report);
    for (String[] option :
        List.of(
            new String[] {"--split", "test"},
            new String[] {"--tokenization", "compat"},
            new String[] {"--tokenizer", "own"},
            new String[] {"--cider-df", "corpus"},
            new String[] {"--allow-missing"},
            new String[] {"--annotations", folder + "/a.json"})) {
      Run run = eval(with(new String[] {"compare", report, report}, option));
      assertThat(run.code()).as(option[0]).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).contains("Reports hold figures", option[0] + " would change nothing");
    }
    Run seeded = eval("compare", report, report, "--seed", "7", "--resamples", "100");
    assertThat(seeded.code()).as(seeded.err()).isZero();
  }

  @Test
  void reportsAreComparedByTheMetricsAskedFor() {
    String report = folder.resolve("report.json").toString();
    score(PREDICTIONS, "--json", report, "--metrics", "rouge,bleu");
    Run run = eval("compare", report, report, "--metrics", "bleu-4");
    assertThat(run.out()).contains("BLEU-4").doesNotContain("ROUGE-L", "BLEU-1");
    Run lacking = eval("compare", report, report, "--metrics", "bleu-4,cider");
    assertThat(lacking.code()).isEqualTo(2);
    assertThat(lacking.err()).contains("report.json holds no CIDEr");
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
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
