package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnFileTest {
  @TempDir private Path folder;

  @Test
  void whatBearsTheMarksOrHoldsNothingIsFree() throws IOException {
    Path file = folder.resolve("table.md");
    assertThat(OwnFile.isFree(file, "# Ours")).isTrue();
    Files.writeString(file, "");
    assertThat(OwnFile.isFree(file, "# Ours")).isTrue();
    Files.writeString(file, "# Ours\n1 | 2");
    assertThat(OwnFile.isFree(file, "# Ours")).isTrue();
    assertThat(OwnFile.isFree(file, "# Ours", "3")).isFalse();
  }

  @Test
  void aMarkFurtherDownIsNoBeginning() throws IOException {
    Path file = folder.resolve("table.csv");
    assertThat(OwnFile.isFreeOrBegins(file, "image,")).isTrue();
    Files.writeString(file, "");
    assertThat(OwnFile.isFreeOrBegins(file, "image,")).isTrue();
    Files.writeString(file, "image,score");
    assertThat(OwnFile.isFreeOrBegins(file, "image,")).isTrue();
    Files.writeString(file, "Tables begin with image,");
    assertThat(OwnFile.isFreeOrBegins(file, "image,")).isFalse();
  }

  @Test
  void whatIsSomebodyElsesIsNotFreeWhateverItIs() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "# Mine");
    Path late = Files.writeString(folder.resolve("late"), " ".repeat(1 << 16) + "# Ours");
    Path dangling = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
    for (Path foreign : new Path[] {text, late, dangling, folder, Path.of("/dev/zero")}) {
      assertThat(OwnFile.isFree(foreign, "# Ours")).as(foreign.toString()).isFalse();
    }
  }

  @Test
  void aTreeIsDeletedButNotWhatItsLinksLeadTo() throws IOException {
    Path kept = Files.createDirectory(folder.resolve("kept"));
    Files.writeString(kept.resolve("work"), "years of it");
    Path tree = Files.createDirectories(folder.resolve("tree/below"));
    Files.createSymbolicLink(tree.resolve("link"), kept);

    FolderTree.delete(folder.resolve("tree"));
    FolderTree.delete(folder.resolve("never there"));

    assertThat(folder.resolve("tree")).doesNotExist();
    assertThat(kept.resolve("work")).hasContent("years of it");
  }
}
