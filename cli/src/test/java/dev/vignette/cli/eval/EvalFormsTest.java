package dev.vignette.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.eval.TestData;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The forms in which predictions and references come. */
class EvalFormsTest extends EvalProgram {

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
}
