package dev.vignette.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionsTest {
  @TempDir Path folder;

  @Test
  void captionsAreReadInTheOrderOfTheFile() throws IOException {
    Predictions read = Predictions.read(file("{\"b\": \"Zwei.\", \"a\": \"Eins.\"}"));

    assertThat(read.keys()).isEqualTo(Predictions.Keys.FILE);
    assertThat(read.captions()).containsExactly(Map.entry("b", "Zwei."), Map.entry("a", "Eins."));
    assertThat(read.caption("a")).hasValue("Eins.");
    assertThat(read.caption("c")).isEmpty();
  }

  @Test
  void writtenCaptionsAreOneALineInOrderAndUnescaped() throws IOException {
    Map<String, String> captions = new LinkedHashMap<>();
    captions.put("z", "A \"naïve\" café 🐈.");
    captions.put("a", "Line\nbreak");
    Path file = folder.resolve("predictions.json");

    Predictions.ofFiles(captions).write(file);

    assertThat(file)
        .hasContent(
            """
            {
              "z": "A \\"naïve\\" café 🐈.",
              "a": "Line\\nbreak"
            }
            """);
    assertThat(Predictions.read(file)).isEqualTo(Predictions.ofFiles(captions));
  }

  @Test
  void noCaptionsAtAllAreWrittenAndRead() {
    Path file = folder.resolve("none.json");

    Predictions.ofFiles(Map.of()).write(file);

    assertThat(Predictions.read(file).captions()).isEmpty();
  }

  @Test
  void cocoResultsAreReadByImageId() throws IOException {
    Predictions read =
        Predictions.read(
            file(
                "[{\"caption\": \"A cat.\", \"id\": 5, \"image_id\": 139}, {\"image_id\": \"x7\", \"caption\": \"\"}]"));

    assertThat(read.keys()).isEqualTo(Predictions.Keys.IMAGE_ID);
    assertThat(read.captions()).containsExactly(Map.entry("139", "A cat."), Map.entry("x7", ""));
  }

  @Test
  void imageIdsBecomeStemsByTheAnnotations() throws IOException {
    Predictions byId = Predictions.read(file("[{\"image_id\": 139, \"caption\": \"A cat.\"}]"));
    CocoCaptions annotations = annotations("val2017/000000000139.jpg");

    assertThat(byId.byStem(annotations))
        .isEqualTo(Predictions.ofFiles(Map.of("000000000139", "A cat.")));
    Predictions byFile = Predictions.ofFiles(Map.of("other", "A dog."));
    assertThat(byFile.byStem(annotations)).isSameAs(byFile);
  }

  @Test
  void anImageIdTheAnnotationsLackIsNamed() throws IOException {
    Predictions byId = Predictions.read(file("[{\"image_id\": 140, \"caption\": \"A cat.\"}]"));

    assertThatThrownBy(() -> byId.byStem(annotations("1.jpg")))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("image id 140");
  }

  @Test
  void aKeyThatIsThereTwiceIsNamedWithBothLines() throws IOException {
    Path file = file("{\n\"a\": \"One.\",\n\"b\": \"Two.\",\n\"a\": \"Three.\"}");

    assertThatThrownBy(() -> Predictions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll(file.toString(), "line 4", "\"a\"", "line 2");
  }

  @Test
  void anImageIdThatIsThereTwiceIsNamed() throws IOException {
    Path file =
        file("[{\"image_id\": 1, \"caption\": \"a\"},\n{\"image_id\": 1, \"caption\": \"b\"}]");

    assertThatThrownBy(() -> Predictions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("line 2", "\"1\"");
  }

  @Test
  void aResultWithoutACaptionIsNamed() throws IOException {
    Path file = file("[{\"image_id\": 1}]");

    assertThatThrownBy(() -> Predictions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("no \"caption\"");
  }

  @Test
  void aCaptionThatIsNoTextIsNamed() throws IOException {
    Map<String, String> wrong =
        Map.of("7", "7", "null", "null", "{\"b\": [1]}", "an object", "[3]", "a list");
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      Path file = file("{\n\"a\": %s}".formatted(each.getKey()));

      assertThatThrownBy(() -> Predictions.read(file))
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContaining(
              "line 2: the caption of \"a\" should be a text \"...\" or a list of one, but is "
                  + each.getValue());
    }
  }

  @Test
  void whatIsNoJsonIsRefusedWithTheFormsAndOtherPackingByItsName() throws IOException {
    Path table = file("image,caption\n000000000001.jpg,\"A dog.\"\n");
    assertThatThrownBy(() -> Predictions.read(table))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("none of the forms of predictions", "begins with \"image,caption");
    Path wrapped = file("{\"predictions\": [{\"image_id\": 1, \"caption\": \"a\"}]}");
    assertThatThrownBy(() -> Predictions.read(wrapped))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("\"predictions\"", "make it the whole file");
    for (String other :
        List.of(
            "{\"file_name\": \"a.jpg\", \"text\": \"A.\"}\n{\"file_name\": \"b.jpg\", \"text\": \"B.\"}",
            "[{\"id\": 1, \"caption\": \"A.\"}]")) {
      Path file = file(other);
      assertThatThrownBy(() -> Predictions.read(file))
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContainingAll("line 1", "needs image_id and caption", "--output");
    }
    Map<String, byte[]> packed =
        Map.of(
            "bzip2", "BZh91AY&SY".getBytes(StandardCharsets.UTF_8),
            "xz", new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0},
            "zip", new byte[] {'P', 'K', 3, 4, 20});
    for (Map.Entry<String, byte[]> each : packed.entrySet()) {
      Path file = Files.write(folder.resolve("packed"), each.getValue());
      assertThatThrownBy(() -> Predictions.read(file))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContainingAll("it is packed by " + each.getKey(), "pack it by gzip");
    }
    Path wide =
        Files.write(folder.resolve("wide"), "{\"a\": \"b\"}".getBytes(StandardCharsets.UTF_16));
    assertThat(Predictions.read(wide).captions()).containsEntry("a", "b");
  }

  @Test
  void everyFormOfPredictionsIsReadPackedOrNot() throws IOException {
    Map<String, Predictions.Keys> forms =
        Map.of(
            "{\"a\": [\"One.\"], \"b\": \"Two.\"}", Predictions.Keys.FILE,
            "[{\"a\": \"One.\"}, {\"b\": [\"Two.\"]}]", Predictions.Keys.FILE,
            "{\"a\": \"One.\"}\n{\"b\": \"Two.\"}\n", Predictions.Keys.FILE,
            "{\"image_id\": \"a\", \"caption\": \"One.\", \"id\": 7}\r\n\r\n{\"image_id\": \"b\", \"scores\": [1, [2]], \"caption\": \"Two.\"}",
                Predictions.Keys.IMAGE_ID,
            "[{\"image_id\": \"a\", \"caption\": [\"One.\"]}, {\"image_id\": \"b\", \"caption\": \"Two.\"}]",
                Predictions.Keys.IMAGE_ID,
            "\ufeff{\"a\": \"One.\", \"b\": \"Two.\"}", Predictions.Keys.FILE);
    for (Map.Entry<String, Predictions.Keys> form : forms.entrySet()) {
      Path plain = file(form.getKey());
      Path packed = folder.resolve("given.gz");
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
        out.write(form.getKey().getBytes(StandardCharsets.UTF_8));
      }
      for (Path file : List.of(plain, packed)) {
        Predictions read = Predictions.read(file);
        assertThat(read.keys()).as(form.getKey()).isEqualTo(form.getValue());
        assertThat(read.captions()).containsExactly(Map.entry("a", "One."), Map.entry("b", "Two."));
      }
    }
  }

  @Test
  void severalCaptionsOfOneImageAreRefusedWithTheirNumber() throws IOException {
    for (String two :
        List.of(
            "{\"a\": [\"One.\", \"Two.\"]}",
            "[{\"image_id\": \"a\", \"caption\": [\"One.\", \"Two.\"]}]")) {
      Path file = file(two);
      assertThatThrownBy(() -> Predictions.read(file))
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContaining("a list of 2 captions; predictions have one caption an image");
    }
    for (String twice :
        List.of(
            "[{\"a\": \"One.\"},\n{\"a\": \"Two.\"}]",
            "{\"image_id\": 1, \"caption\": \"a\"}\n{\"image_id\": 1, \"caption\": \"b\"}")) {
      Path file = file(twice);
      assertThatThrownBy(() -> Predictions.read(file))
          .isInstanceOf(MalformedDataException.class)
          .hasMessageContainingAll("line 2", "already has a caption, in line 1");
    }
  }

  @Test
  void linesThatNameTheirImageOtherwiseAreRefusedByTheMissingName() throws IOException {
    Path file =
        file("{\"image\": \"a\", \"caption\": \"x\"}\n{\"image\": \"b\", \"caption\": \"y\"}");

    assertThatThrownBy(() -> Predictions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("line 1", "no \"image_id\"");
  }

  @Test
  void whatIsWrongWithTheJsonIsSaidInOurWords() throws IOException {
    Map<String, String> faults =
        Map.of(
            "{\"a\": NaN}",
            "\"NaN\" stands where a value should be",
            "{'a': \"b\"}",
            "the character ' cannot stand here",
            "{\"a\": \"b\"",
            "it ends in the middle",
            "{\"a\": \"b\",}",
            "the character } cannot stand here",
            "{\"a\": " + "[".repeat(2000),
            "nested too deeply");
    faults.forEach((json, why) ->
        assertThatThrownBy(() -> Predictions.read(file(json)))
            .isInstanceOf(MalformedDataException.class)
            .hasMessageContaining(why)
            .message()
            .doesNotContain("Feature", "REDACTED", "Source", "code "));
    Path latin =
        Files.write(
            folder.resolve("latin.json"),
            "{\"a\": \"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Predictions.read(latin))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("not UTF-8");
    Path cut = Files.write(folder.resolve("cut.json"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
    assertThatThrownBy(() -> Predictions.read(cut))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll("gzip data is damaged", "Pack it again");
    assertThatThrownBy(() -> Predictions.read(folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("directory");
  }

  @Test
  void aFileThatIsNoJsonIsNamedWithTheLine() throws IOException {
    for (String broken : List.of("{\"a\": \"One.\",\n", "caption", "{}\n{}", "{\"a\": 1e}", "")) {
      Path file = file(broken);

      assertThatThrownBy(() -> Predictions.read(file))
          .as(broken)
          .isInstanceOf(MalformedDataException.class)
          .hasMessageStartingWith(file.toString());
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Predictions.read(folder.resolve("absent.json")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll("absent.json", "no such file");
  }

  @Test
  void aBlankKeyIsRefused() throws IOException {
    Path file = file("{\" \": \"One.\"}");

    assertThatThrownBy(() -> Predictions.read(file)).hasMessageContainingAll("line 1", "blank");
    assertThatThrownBy(() -> Predictions.ofFiles(Map.of("", "One.")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("One.");
  }

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("given.json"), json);
  }

  private static CocoCaptions annotations(String fileName) {
    Map<String, CocoCaptions.Image> images =
        Map.of("139", new CocoCaptions.Image(139, fileName, List.of()));
    return new CocoCaptions(new LinkedHashMap<>(images));
  }
}
