package dev.vignette.eval.localization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.images.PixelGeometry.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoxesFileTest {
  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("boxes.json"), text);
  }

  @Test
  void thingsAreReadByImage() throws IOException {
    Path file =
        file("{\"7\": [{\"word\": \"mouse\", \"plural\": \"mice\", \"boxes\": [[1, 2, 3.5, 4]]}]}");
    assertThat(BoxesFile.read(file).get("7"))
        .singleElement()
        .satisfies(thing -> assertThat(thing.plural()).isEqualTo("mice"))
        .satisfies(thing -> assertThat(thing.boxes()).containsExactly(new Box(1, 2, 3.5, 4)));
  }

  @Test
  void whatIsWrongIsSaidWithTheImage() throws IOException {
    assertWrong("[1]", "object of file stems");
    assertWrong("{", "no JSON");
    assertWrong("{\"7\": [{\"plural\": \"mice\", \"boxes\": [[1, 2, 3, 4]]}]}", "image 7");
    assertWrong("{\"7\": [{\"word\": \"mouse\", \"boxes\": [[1, 2, 3]]}]}", "[1,2,3]");
    assertWrong("{\"7\": [{\"word\": \"mouse\", \"boxes\": [[3, 2, 1, 4]]}]}", "with an area");
    assertWrong("{\"7\": [{\"word\": \"mouse\", \"boxes\": []}]}", "at least one box");
  }

  private void assertWrong(String text, String complaint) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> BoxesFile.read(file))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining(complaint);
  }
}
