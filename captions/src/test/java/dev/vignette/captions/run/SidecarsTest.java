package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a sidecar's place and is none stays as it is. */
class SidecarsTest {
  @TempDir private Path folder;

  @Test
  void aLinkAFolderAndALargeFileAreLeftAloneEvenByAnOverwritingRun() throws IOException {
    Path original = Files.writeString(folder.resolve("original.jpg"), "a picture");
    Files.createSymbolicLink(folder.resolve("linked.txt"), original);
    Files.createDirectory(folder.resolve("folder.txt"));
    Files.write(folder.resolve("large.txt"), new byte[2 << 20]);
    Sidecars sidecars = new Sidecars(new SidecarText("", ""), true);
    for (String name : new String[] {"linked.jpg", "folder.jpg", "large.jpg"}) {
      Path image = folder.resolve(name);
      assertThat(sidecars.differs(image, "A caption.")).as(name).isFalse();
      sidecars.write(image, "A caption.", _ -> true);
      assertThat(sidecars.delete(image, _ -> true)).as(name).isFalse();
    }
    assertThat(sidecars.left()).isEqualTo(3);
    assertThat(original).hasContent("a picture");
    assertThat(folder.resolve("folder.txt")).isEmptyDirectory();
    assertThat(folder.resolve("large.txt")).hasSize(2 << 20);
    sidecars.write(folder.resolve("plain.jpg"), "A caption.", _ -> true);
    assertThat(folder.resolve("plain.txt")).hasContent("A caption.");
  }
}
