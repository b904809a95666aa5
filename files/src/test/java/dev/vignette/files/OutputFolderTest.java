package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  @TempDir Path folder;

  @Test
  void foldersOfKilledProcessesAreDeletedAndThoseOfRunningOnesStay(@TempDir Path place)
      throws IOException {
    Pattern names = Pattern.compile("headers-(\\d{1,18})-.*");
    Path running =
        Files.createDirectory(
            place.resolve("headers-%d-a".formatted(ProcessHandle.current().pid())));
    Path killed = Files.createDirectories(place.resolve("headers-999999999-b/below"));
    Files.createFile(killed.resolve("file"));
    Path other = Files.createDirectory(place.resolve("headers-of-somebody"));
    FolderTree.deleteAbandoned(place, names);
    assertThat(running).exists();
    assertThat(other).exists();
    assertThat(place.resolve("headers-999999999-b")).doesNotExist();
  }

  @Test
  void aFolderIsMadeWithItsParentsOrTakenAsItIs() {
    Path deep = folder.resolve("a/b/c");
    assertThat(OutputFolder.make(deep)).isEqualTo(deep).isDirectory();
    assertThat(OutputFolder.make(deep)).isDirectory();
  }

  @Test
  void aFileInTheWayIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    for (Path place : new Path[] {file, file.resolve("below")}) {
      assertThatThrownBy(() -> OutputFolder.make(place))
          .isInstanceOf(UnwritableFileException.class)
          .hasMessageContainingAll("The folder " + place + " cannot be made", "another place");
    }
    assertThat(file).hasContent("mine");
  }

  @Test
  void aPlaceThatTakesNoFoldersIsNotSaidToBeMissing() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "skipped: there is no /proc");
    assertThatThrownBy(() -> OutputFolder.make(Path.of("/proc/nothing")))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContaining(
            "The folder /proc/nothing cannot be made (the file system takes none");
  }

  @Test
  void aFolderOfASettingIsCalledAsTheSettingIs() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> OutputFolder.make(file, "run.folder", "choose another"))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageStartingWith("run.folder " + file + " cannot be made (")
        .hasMessageEndingWith("): choose another");
  }

  @Test
  void aFolderIsTakenByOneAtATime() {
    Path deep = folder.resolve("a/b");
    try (ProcessLock _ = OutputFolder.take(deep, "model")) {
      assertThatThrownBy(() -> OutputFolder.take(deep, "model"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(deep + " is being written by another process", "wait");
    }
    OutputFolder.take(deep, "model").close();
  }

  @Test
  void aFolderWithoutPermissionIsNamedAndNotAFileInIt() throws IOException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.createDirectory(closed.resolve(".model.lock"));
    assertThatThrownBy(() -> OutputFolder.take(closed, "model"))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll(
            closed + " cannot be held", closed + "/.model.lock (Is a directory)", "move away");
    Path process = Path.of("/proc/self");
    assumeTrue(Files.isDirectory(process), "skipped: there is no /proc");
    assertThatThrownBy(() -> OutputFolder.make(process))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageStartingWith("The folder /proc/self cannot be written (no permission");
  }
}
