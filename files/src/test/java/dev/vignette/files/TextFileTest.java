package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.files.faults.MalformedDataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {
  @TempDir private Path folder;

  private Path write(String text, Charset charset) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), text, charset);
  }

  @Test
  void aTextIsReadWithoutItsByteOrderMark() throws IOException {
    assertThat(TextFile.read(write("\uFEFFÜn\uFEFFï 描述\n", StandardCharsets.UTF_8)))
        .isEqualTo("Ün\uFEFFï 描述\n");
    assertThat(TextFile.read(write("", StandardCharsets.UTF_8))).isEmpty();
    assertThat(TextFile.read(write("\uFEFF", StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void whatIsNoUtf8IsRefusedWithItsLine() throws IOException {
    Path latin = write("one\ntwo\nder süße Hund", StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> TextFile.read(latin))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("text.txt, line 3")
        .hasMessageContaining("0xFC")
        .hasMessageContaining("Save it as UTF-8");
    Path wide = write("\uFEFFone", StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> TextFile.read(wide)).hasMessageContaining("UTF-16");
  }

  @Test
  void aNameOfAListThatIsNoUtf8IsOneAndTheOthersAreRead() throws IOException {
    byte[] names = "b\u00e4r.jpg\0dog.jpg\0\0".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(TextFile.entries("x", new ByteArrayInputStream(names)))
        .containsExactly("b\uFFFDr.jpg", "dog.jpg");
    byte[] lines = "one.jpg\n\ntw\u00f6.jpg\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(TextFile.entries("x", new ByteArrayInputStream(lines)))
        .containsExactly("one.jpg", "tw\uFFFD.jpg");
    byte[] all = "\u00f6ne.jpg\ntw\u00f6.jpg\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> TextFile.entries("x", new ByteArrayInputStream(all)))
        .isInstanceOf(MalformedDataException.class)
        .hasMessageContaining("line 1");
    byte[] wide = "\uFEFFone\ntwo\n".getBytes(StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> TextFile.entries("x", new ByteArrayInputStream(wide)))
        .hasMessageContaining("UTF-16");
  }

  @Test
  void aCharacterThatIsCutOffIsNoUtf8() throws IOException {
    Path cut = Files.write(folder.resolve("cut.txt"), new byte[] {'a', (byte) 0xE6, (byte) 0x8F});
    assertThatThrownBy(() -> TextFile.read(cut)).hasMessageContaining("not UTF-8");
  }
}
