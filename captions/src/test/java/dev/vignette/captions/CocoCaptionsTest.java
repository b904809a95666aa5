package dev.vignette.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.FileStem;
import dev.vignette.files.faults.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoCaptionsTest {
  @TempDir Path folder;

  @Test
  void theMiniatureDataHaveThreeHundredImagesOfFiveCaptions() {
    CocoCaptions captions =
        CocoCaptions.read(
            Path.of(System.getProperty("vignette.root"), "models/mini/data/val.json"));

    assertThat(captions.images())
        .hasSize(300)
        .allSatisfy(image -> assertThat(image.captions()).hasSize(5));
    assertThat(captions.images().getFirst().stem()).isEqualTo("000000000001");
    assertThat(captions.image(300).orElseThrow().fileName()).isEqualTo("000000000300.jpg");
    assertThat(captions.image(301)).isEmpty();
  }

  @Test
  void imagesAndTheirCaptionsKeepTheOrderOfTheFile() throws IOException {
    CocoCaptions captions =
        read(
            """
            {"info": {"x": [1]},
             "annotations": [{"id": 1, "image_id": 7, "caption": "first"}, {"image_id": 9, "caption": "other"},
                             {"image_id": 7, "caption": "second"}],
             "images": [{"id": 9, "file_name": "nine.jpg", "width": 3}, {"file_name": "sub/seven.png", "id": 7},
                        {"id": 1, "file_name": "bare"}]}
            """);

    assertThat(captions.images()).extracting(CocoCaptions.Image::id).containsExactly("9", "7", "1");
    assertThat(captions.image(7).orElseThrow().captions()).containsExactly("first", "second");
    assertThat(captions.image(1).orElseThrow().captions()).isEmpty();
    assertThat(captions.byStem().keySet()).containsExactly("nine", "seven", "bare");
  }

  @Test
  void aMissingListIsNamed() throws IOException {
    assertRefused("{\"images\": []}").hasMessageContaining("no \"annotations\"");
    assertRefused("{\"annotations\": []}").hasMessageContaining("no \"images\"");
  }

  @Test
  void aMissingMemberIsNamedWithItsLine() throws IOException {
    assertRefused("{\"images\": [\n{\"id\": 1}], \"annotations\": []}")
        .hasMessageContainingAll("line 2", "\"images\"", "no \"file_name\"");
    assertRefused("{\"images\": [], \"annotations\": [\n\n{\"caption\": \"x\"}]}")
        .hasMessageContainingAll("line 3", "\"annotations\"", "no \"image_id\"");
  }

  @Test
  void captionsOfAnImageThatIsNotListedAreNamed() throws IOException {
    assertRefused("{\"images\": [], \"annotations\": [{\"image_id\": 77, \"caption\": \"x\"}]}")
        .hasMessageContaining("[77]");
  }

  @Test
  void anIdOfTwoImagesIsNamedWithBoth() throws IOException {
    assertRefused(
            "{\"images\": [{\"id\": 1, \"file_name\": \"a.jpg\"}, {\"id\": 1, \"file_name\": \"b.jpg\"}], \"annotations\": []}")
        .hasMessageContainingAll("image id 1", "a.jpg", "b.jpg");
  }

  @Test
  void anImageThatIsListedTwiceIsOne() throws IOException {
    Path file = folder.resolve("twice.json");
    String image = "{\"id\": 1, \"file_name\": \"a.jpg\"}";
    Files.writeString(
        file,
        "{\"images\": [%s, %s], \"annotations\": [{\"image_id\": 1, \"caption\": \"One.\"}]}"
            .formatted(image, image));
    assertThat(CocoCaptions.read(file).images()).hasSize(1);
  }

  @Test
  void twoImagesOfOneStemAreNamed() throws IOException {
    CocoCaptions captions =
        read(
            "{\"images\": [{\"id\": 1, \"file_name\": \"a/x.jpg\"}, {\"id\": 2, \"file_name\": \"b/x.png\"}], \"annotations\": []}");

    assertThatThrownBy(captions::byStem)
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContainingAll("a/x.jpg", "b/x.png");
  }

  @Test
  void aWrongTypeIsNamed() throws IOException {
    assertRefused("[]").hasMessageContaining("should be an object {...}, but is a list");
    assertRefused("{\"images\": {}, \"annotations\": []}").hasMessageContaining("should be a list");
    assertRefused("{\"images\": [{\"id\": 1.5, \"file_name\": \"a\"}], \"annotations\": []}")
        .hasMessageContaining("id should be a whole number or a text \"...\", but is 1.5");
    assertRefused("{\"images\": [{\"id\": \" \", \"file_name\": \"a\"}], \"annotations\": []}")
        .hasMessageContaining("id is blank");
  }

  @Test
  void idsMayBeTextsOrNumbersOfAnySize() throws IOException {
    CocoCaptions captions =
        read(
            """
            {"images": [{"id": "a.jpg", "file_name": "a.jpg"}, {"id": 99999999999999999999, "file_name": "b.jpg"}],
             "annotations": [{"image_id": 99999999999999999999, "caption": "big"}, {"image_id": "a.jpg", "caption": "text"}]}
            """);

    assertThat(captions.image("a.jpg").orElseThrow().captions()).containsExactly("text");
    assertThat(captions.image("99999999999999999999").orElseThrow().captions())
        .containsExactly("big");
  }

  @Test
  void aMapOfReferencesIsReadByItsKeys() throws IOException {
    CocoCaptions captions = read("{\"x/a.b.jpg\": [\"one\", \"two\"], \"c.d\": []}");

    assertThat(captions.images())
        .extracting(CocoCaptions.Image::id)
        .containsExactly("x/a.b.jpg", "c.d");
    assertThat(captions.byStem().keySet()).containsExactly("a.b", "c.d");
    assertThat(captions.image("x/a.b.jpg").orElseThrow().captions()).containsExactly("one", "two");
  }

  @Test
  void aMapWithSomethingElseInItIsRefusedByName() throws IOException {
    assertRefused("{\"a\": [\"one\"],\n\"b\": \"two\"}")
        .hasMessageContainingAll("no \"images\"", "\"b\" in line 2 is no list of captions");
    assertRefused("{\"a\": [\"one\", 2]}").hasMessageContaining("\"a\" in line 1 is no list");
    assertRefused("{\"a\": [\"one\"],\n\"a\": [\"two\"]}")
        .hasMessageContainingAll("line 2", "second time");
  }

  @Test
  void aStemEndsBeforeTheLastDot() {
    assertThat(FileStem.of(Path.of("a", "b.c.jpg"))).isEqualTo("b.c");
    assertThat(FileStem.of("x.d/.hidden")).isEqualTo(".hidden");
    assertThat(FileStem.of("plain")).isEqualTo("plain");
  }

  private CocoCaptions read(String json) throws IOException {
    return CocoCaptions.read(Files.writeString(folder.resolve("annotations.json"), json));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String json)
      throws IOException {
    Path file = Files.writeString(folder.resolve("annotations.json"), json);
    return assertThatThrownBy(() -> CocoCaptions.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageStartingWith(file.toString());
  }
}
