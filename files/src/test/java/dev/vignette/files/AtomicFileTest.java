package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.files.faults.UnwritableFileException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void contentReplacesWhatWasThere() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");

    AtomicFile.writeString(file, "new ✓");

    assertThat(file).hasContent("new ✓");
    assertThat(folder).isDirectoryContaining("glob:**a.txt");
    assertNothingButAFile();
  }

  @Test
  void aLinkThatLeadsNowhereYetStaysAndItsFileIsMade() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("real.json"));

    AtomicFile.writeString(link, "new");

    assertThat(link).isSymbolicLink().hasContent("new");
    assertThat(folder.resolve("real.json")).isRegularFile();
  }

  @Test
  void linksInACircleAreRefused() throws IOException {
    Path first = Files.createSymbolicLink(folder.resolve("a.json"), Path.of("b.json"));
    Files.createSymbolicLink(folder.resolve("b.json"), Path.of("a.json"));

    assertThatThrownBy(() -> AtomicFile.writeString(first, "new"))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContaining("circle");
  }

  @Test
  void afterAFailureTheOldContentIsThereAndTheTemporaryFileIsNot() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");

    assertThatThrownBy(() ->
            AtomicFile.write(
                file,
                out -> {
                  out.write(new byte[1 << 20]);
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll(file.toString(), "No space left on device", "unchanged");

    assertThat(file).hasContent("old");
    assertNothingButAFile();
  }

  @Test
  void anExceptionOfTheContentPassesThrough() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");

    assertThatThrownBy(() ->
            AtomicFile.write(
                file,
                out -> {
                  throw new IllegalStateException("closed");
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("closed");

    assertThat(file).hasContent("old");
    assertNothingButAFile();
  }

  @Test
  void aReaderNeverSeesAPart() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");

    AtomicFile.write(
        file,
        out -> {
          out.write("half".getBytes(StandardCharsets.UTF_8));
          out.flush();
          assertThat(file).hasContent("old");
        });

    assertThat(file).hasContent("half");
  }

  @Test
  void contentMayCloseTheStream() {
    Path file = folder.resolve("a.txt");

    AtomicFile.write(
        file,
        out -> {
          try (var writer = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
            writer.write("whole");
          }
        });

    assertThat(file).hasContent("whole");
  }

  @Test
  void aMissingFolderIsNamed() {
    assertThatThrownBy(() -> AtomicFile.writeString(folder.resolve("absent/a.txt"), "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll("absent", "Create it");
  }

  @Test
  void aFolderAsTargetIsNamed() {
    assertThatThrownBy(() -> AtomicFile.writeString(folder, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("it is a folder");
  }

  @Test
  void aLinkKeepsPointingAtWhatIsReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    Path link = folder.resolve("link.txt");
    Files.createSymbolicLink(link, file);

    AtomicFile.writeString(link, "new");

    assertThat(link).isSymbolicLink().hasContent("new");
    assertThat(file).isRegularFile().hasContent("new");
  }

  @Test
  void aFullDiskIsSaid() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "needs /dev/full, which is not on this system");

    assertThatThrownBy(() -> AtomicFile.writeString(full, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll("/dev/full", "No space left on device");
  }

  private void assertNothingButAFile() throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files).extracting(path -> path.getFileName().toString()).containsExactly("a.txt");
    }
  }

  @Test
  void filesOfProcessesThatAreNoMoreAreDeletedAndThoseOfRunningOnesStay() throws IOException {
    long running = ProcessHandle.current().pid();
    List<String> staying = List.of(".part-" + running + ".tmp", "part-999999999.tmp");
    for (String name : staying) {
      Files.createFile(folder.resolve(name));
    }
    Files.createFile(folder.resolve(".part-999999999.tmp"));

    AtomicFile.deleteAbandoned(folder, Pattern.compile("\\.part-(\\d+)\\.tmp"));

    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(staying);
    }
  }

  @Test
  void aDiskWithoutTheSpaceThatIsNeededIsRefused() {
    assertThatThrownBy(() -> OutputFolder.requireSpace(folder, Long.MAX_VALUE, ", with a copy"))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll(folder + " has ", "about 9223372036.85 GB", ", with a copy; free");
    assertThatCode(() -> OutputFolder.requireSpace(folder, 1, "")).doesNotThrowAnyException();
  }

  @Test
  void whyAFileCannotBeWrittenIsSaidWithoutAClass() {
    assertThat(UnwritableFileException.reasonOf(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(
            UnwritableFileException.reasonOf(
                new FileSystemException("/a/b", null, "Read-only file system")))
        .isEqualTo("Read-only file system");
    assertThat(UnwritableFileException.reasonOf(new AccessDeniedException("/a/b")))
        .isEqualTo("permission denied");
    assertThat(UnwritableFileException.reasonOf(new NoSuchFileException("/a")))
        .isEqualTo("there is no /a");
  }
}
