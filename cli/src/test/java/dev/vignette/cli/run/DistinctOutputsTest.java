package dev.vignette.cli.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistinctOutputsTest {
  @TempDir private Path folder;

  private Path file(String name) throws IOException {
    return Files.writeString(folder.resolve(name), name);
  }

  @Test
  void anInputByAnyPathIsNoOutput() throws IOException {
    Path input = file("input.json");
    Path inner = Files.createDirectory(folder.resolve("inner"));
    List<Path> same =
        List.of(
            input,
            inner.resolve("..").resolve("input.json"),
            Files.createSymbolicLink(folder.resolve("link.json"), input),
            Files.createLink(folder.resolve("hard.json"), input),
            Files.createSymbolicLink(folder.resolve("other"), folder).resolve("input.json"));
    for (Path output : same) {
      DistinctOutputs outputs = new DistinctOutputs().add("--json", output);
      assertThatThrownBy(() -> outputs.requireKept("--predictions", input))
          .isInstanceOf(UsageException.class)
          .hasMessageContainingAll("--json would replace", "--predictions");
      assertThatThrownBy(() -> outputs.requireKeptIn("--clip", folder))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("--clip");
    }
  }

  @Test
  void twoOutputsAreNeverOneFile() throws IOException {
    Path there = file("there.json");
    Path missing = folder.resolve("missing.json");
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("missing.json"));
    DistinctOutputs outputs = new DistinctOutputs().add("--json", there).add("--html", missing);
    for (Path taken : List.of(there, missing, dangling, folder.resolve("./missing.json"))) {
      assertThatThrownBy(() -> outputs.add("--per-image", taken))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("and --per-image would write the same file");
    }
  }

  @Test
  void aFolderOrAPlaceInNoFolderIsNoOutput() {
    assertThatThrownBy(() -> new DistinctOutputs().add("--json", Path.of("-")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("leave out --json to print");
    assertThatThrownBy(() -> new DistinctOutputs().add("--json", folder))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("is a folder");
    assertThatThrownBy(
            () -> new DistinctOutputs().add("--json", folder.resolve("none").resolve("a.json")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("there is no folder");
  }

  @Test
  void otherFilesAreTaken() throws IOException {
    Path input = file("input.json");
    Path old = file("old.json");
    assertThatCode(() ->
            new DistinctOutputs()
                .add("--json", old)
                .add("--html", null)
                .add("--per-image", folder.resolve("new.csv"))
                .requireKept("--predictions", input)
                .requireKept("--annotations", (Path) null)
                .requireKept("--images", List.of(input, folder.resolve("absent.jpg")))
                .requireKeptIn("--clip", null))
        .doesNotThrowAnyException();
  }
}
