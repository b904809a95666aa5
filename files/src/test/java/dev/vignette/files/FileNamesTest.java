package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.files.AtomicFile.FileNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {
  @TempDir Path folder;

  @Test
  void aNameThatFitsIsWhatItWas() {
    assertThat(FileNames.fitting(".", "p.json", ".lock")).isEqualTo(".p.json.lock");
  }

  @Test
  void aNameThatDoesNotFitEndsInAHashOfIt() {
    String umlauts = "ü".repeat(125);

    String name = FileNames.fitting(".", umlauts + "1.json", ".4711-3.tmp");

    assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(253, 255);
    assertThat(name).startsWith(".üü").endsWith(".4711-3.tmp");
    assertThat(name).isNotEqualTo(FileNames.fitting(".", umlauts + "2.json", ".4711-3.tmp"));
  }

  @Test
  void filesOfTheLongestNamesAreWrittenWhole() throws IOException {
    Path file = folder.resolve("x".repeat(250) + ".json");
    Path abandoned =
        Files.writeString(
            file.resolveSibling(FileNames.fitting(".", file.getFileName() + "", ".4711-3.tmp")),
            "{");

    AtomicFile.deleteAbandoned(file);
    AtomicFile.writeString(file, "one");
    AtomicFile.writeStringUnforced(file, "two", "writer");

    assertThat(file).hasContent("two");
    assertThat(abandoned).doesNotExist();
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }
}
