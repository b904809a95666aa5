package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.RunOutput.SidecarText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a sidecar's place and is none stays as it is. */
class SidecarsTest {
  @TempDir private Path folder;

  private ImageInput image(String name) {
    return new ImageInput(folder.resolve(name), name);
  }

  @Test
  void sidecarsOfAnotherFolderAreByTheKeyAndNeverOutsideIt() {
    Path out = folder.resolve("out");
    SidecarText text = new SidecarText("", "", ".caption", Optional.of(out));
    Sidecars sidecars = new Sidecars(text, "run");
    for (String key : new String[] {"sub/c.webp", "photo.v1", "../../up.jpg", "/etc/x.jpg"}) {
      sidecars.write(new ImageInput(folder.resolve("i.jpg"), key), "A caption.", _ -> false);
    }
    for (String name : new String[] {"sub/c", "photo.v1", "up", "etc/x"}) {
      assertThat(out.resolve(name + ".caption")).hasContent("A caption.");
    }
    assertThat(sidecars.left()).isZero();
    assertThatThrownBy(() -> new SidecarText("", "", "caption", Optional.empty()))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("a dot and letters");
  }

  @Test
  void aLinkAFolderAndALargeFileAreLeftAloneEvenByAnOverwritingRun() throws IOException {
    Path original = Files.writeString(folder.resolve("original.jpg"), "a picture");
    Files.createSymbolicLink(folder.resolve("linked.txt"), original);
    Files.createDirectory(folder.resolve("folder.txt"));
    Files.write(folder.resolve("large.txt"), new byte[2 << 20]);
    Sidecars sidecars = new Sidecars(new SidecarText("", ""), "run");
    for (String name : new String[] {"linked.jpg", "folder.jpg", "large.jpg"}) {
      ImageInput image = image(name);
      assertThat(sidecars.differs(image, "A caption.")).as(name).isFalse();
      sidecars.write(image, "A caption.", _ -> true);
      assertThat(sidecars.delete(image, _ -> true)).as(name).isFalse();
    }
    assertThat(sidecars.left()).isZero();
    assertThat(sidecars.blocked())
        .containsExactly(
            folder.resolve("linked.txt"),
            folder.resolve("folder.txt"),
            folder.resolve("large.txt"));
    assertThat(original).hasContent("a picture");
    assertThat(folder.resolve("folder.txt")).isEmptyDirectory();
    assertThat(folder.resolve("large.txt")).hasSize(2 << 20);
    String longest = "é".repeat(125); // 250 bytes and those of the extension
    Sidecars longer = new Sidecars(new SidecarText("", "", ".caption", Optional.empty()), "run");
    longer.write(image(longest + ".jpg"), "A caption.", _ -> true);
    assertThat(longer.blocked()).containsExactly(folder.resolve(longest + ".caption"));
    sidecars.write(image(longest + ".jpg"), "A caption.", _ -> true);
    assertThat(folder.resolve(longest + ".txt")).hasContent("A caption.");
    sidecars.write(image("plain.jpg"), "A caption.", _ -> true);
    assertThat(folder.resolve("plain.txt")).hasContent("A caption.");
  }

  @Test
  void aPictureIsNoTextThatAnOverwritingRunMayReplace() throws IOException {
    assertThatThrownBy(() -> new SidecarText("", "", ".JPG", Optional.empty()))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("take the place of pictures");
    Path picture = Pictures.write(folder.resolve("a.caption"), 1);
    byte[] before = Files.readAllBytes(picture);
    Sidecars overwriting =
        new Sidecars(new SidecarText("", "", ".caption", Optional.empty()), "test");
    ImageInput image = new ImageInput(folder.resolve("a.png"), "a");
    overwriting.write(image, "A dog.", _ -> true);
    assertThat(overwriting.delete(image, _ -> true)).isFalse();
    assertThat(overwriting.blocked()).containsExactly(picture);
    assertThat(picture).hasBinaryContent(before);
  }
}
