package dev.vignette.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    Path file = file("{\"a\": [\"One.\"]}");

    assertThatThrownBy(() -> Predictions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("the caption of \"a\" should be a text \"...\", but is a list");
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
    Map<Long, CocoCaptions.Image> images =
        Map.of(139L, new CocoCaptions.Image(139, fileName, List.of()));
    return new CocoCaptions(new LinkedHashMap<>(images));
  }
}
