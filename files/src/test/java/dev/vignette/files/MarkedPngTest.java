package dev.vignette.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class MarkedPngTest {
  @TempDir private Path folder;

  private static byte[] png() throws IOException {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 1, 0x123456);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", bytes);
    return bytes.toByteArray();
  }

  @Test
  void aMarkedPngIsKnownAndItsPixelsAreTheSame() throws IOException {
    Path file = folder.resolve("a.png");
    assertThat(MarkedPng.isFree(file)).isTrue();
    Files.write(file, png());
    assertThat(MarkedPng.isFree(file)).isFalse();

    MarkedPng.write(file, png());
    assertThat(MarkedPng.isFree(file)).isTrue();
    BufferedImage read = Objects.requireNonNull(ImageIO.read(file.toFile()));
    assertThat(read.getRGB(1, 1)).isEqualTo(0xFF123456);
    assertThat(read.getWidth()).isEqualTo(3);
  }

  @Test
  void theMarkIsTextThatOtherProgramsRead() throws IOException {
    Path file = folder.resolve("a.png");
    MarkedPng.write(file, png());

    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(in);
      IIOMetadata metadata = reader.getImageMetadata(0);
      Element root = (Element) metadata.getAsTree(metadata.getNativeMetadataFormatName());
      Element text = (Element) root.getElementsByTagName("tEXtEntry").item(0);
      assertThat(text.getAttribute("keyword")).isEqualTo("Software");
      assertThat(text.getAttribute("value")).isEqualTo("Vignette");
    } finally {
      reader.dispose();
    }
  }

  @Test
  void whatIsNoPngIsNotMarked() {
    byte[] text =
        "years of work, and in more bytes than a header has".getBytes(StandardCharsets.UTF_8);
    assertThat(MarkedPng.isPng(text)).isFalse();
    assertThatThrownBy(() -> MarkedPng.write(folder.resolve("a.png"), text))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(folder.resolve("a.png")).doesNotExist();
  }
}
