package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.vignette.images.UnreadableImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;

/** What a JPEG file may cost: time and memory in proportion to its pixels, whatever its scans. */
class JpegWorkTest {
  private static final int END_OF_IMAGE_BYTES = 2;

  @Test
  void aScanRepeatedWithoutEndIsRefused() {
    byte[] file = withLastScanRepeated(SmallImage.file("jpeg-progressive"), 5000);

    assertThatThrownBy(() -> RgbImage.read(file, "endless.jpg"))
        .isInstanceOfSatisfying(
            UnreadableImageException.class,
            error -> assertThat(error.reason()).isEqualTo(Reason.DAMAGED))
        .hasMessageContainingAll("endless.jpg is damaged", "14 scans", "Get the file again");
  }

  @Test
  void aSequentialScanRepeatedWithoutEndIsRefused() {
    byte[] file = withLastScanRepeated(SmallImage.file("jpeg-420"), 5000);

    assertThatThrownBy(() -> RgbImage.read(file, "endless.jpg"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("14 scans");
  }

  @Test
  void asManyScansAsTheStandardHasAreRead() {
    byte[] usual = SmallImage.file("jpeg-progressive");

    // luma's 63 later coefficients come in three scans already, in two of them in parts
    RgbImage image = RgbImage.read(withLastScanRepeated(usual, 11), "refined.jpg");

    assertThat(image.width()).isEqualTo(RgbImage.read(usual, "usual.jpg").width());
    assertThatThrownBy(() -> RgbImage.read(withLastScanRepeated(usual, 13), "refined.jpg"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("14 scans");
  }

  @Test
  void aProgressiveFileTakesItsCoefficientsAndOnePicture() throws IOException {
    int width = 1600;
    int height = 1200;
    byte[] file = onItsSide(progressive(width, height));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    RgbImage.read(file, "first.jpg"); // so that classes are not counted

    long before = threads.getCurrentThreadAllocatedBytes();
    RgbImage image = RgbImage.read(file, "side.jpg");
    long taken = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(image.width()).isEqualTo(height);
    // a pixel: 3 bytes of the picture, 1.5 coefficients of 2 bytes where chroma has half the sides
    assertThat(taken).isBetween(6L * width * height, 65L * width * height / 10);
  }

  private static byte[] withLastScanRepeated(byte[] jpeg, int times) {
    int end = jpeg.length - END_OF_IMAGE_BYTES;
    int scan = end;
    while (jpeg[scan] != (byte) 0xFF || jpeg[scan + 1] != (byte) 0xDA) {
      scan--;
    }
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + times * (end - scan));
    file.put(jpeg, 0, end);
    for (int i = 0; i < times; i++) {
      file.put(jpeg, scan, end - scan);
    }
    return file.put(jpeg, end, END_OF_IMAGE_BYTES).array();
  }

  private static byte[] progressive(int width, int height) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, (x & 0xFF) << 16 | (y & 0xFF) << 8 | (x * y & 0x3F));
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam settings = writer.getDefaultWriteParam();
    settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(file)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), settings);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  /** With XMP data that say that the picture is to be turned by a quarter. */
  private static byte[] onItsSide(byte[] jpeg) {
    byte[] xmp =
        "http://ns.adobe.com/xap/1.0/\0<a tiff:Orientation=\"6\"/>"
            .getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(jpeg.length + 4 + xmp.length)
        .put(jpeg, 0, 2)
        .putShort((short) 0xFFE1)
        .putShort((short) (2 + xmp.length))
        .put(xmp)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }
}
