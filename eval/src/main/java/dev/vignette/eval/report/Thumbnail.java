package dev.vignette.eval.report;

import dev.vignette.images.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** An image small enough to lie in a page. */
final class Thumbnail {
  private static final int LONGEST_SIDE = 224;
  private static final float QUALITY = 0.72f;

  private Thumbnail() {}

  /**
   * A JPEG of the image as a {@code data:} address.
   *
   * @throws dev.vignette.images.UnreadableImageException when it cannot be read
   */
  static String of(Path file) {
    return "data:image/jpeg;base64,"
        + Base64.getEncoder().encodeToString(jpeg(smaller(RgbImage.read(file))));
  }

  /** Shrinks by the mean of the pixels that become one; never enlarges. */
  private static BufferedImage smaller(RgbImage image) {
    double scale = Math.min(1, (double) LONGEST_SIDE / Math.max(image.width(), image.height()));
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        small.setRGB(x, y, mean(image, x, y, width, height));
      }
    }
    return small;
  }

  private static int mean(RgbImage image, int x, int y, int width, int height) {
    int left = x * image.width() / width;
    int right = Math.max(left + 1, (x + 1) * image.width() / width);
    int top = y * image.height() / height;
    int bottom = Math.max(top + 1, (y + 1) * image.height() / height);
    long red = 0;
    long green = 0;
    long blue = 0;
    byte[] rgb = image.rgb();
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        int at = 3 * (row * image.width() + column);
        red += rgb[at] & 0xff;
        green += rgb[at + 1] & 0xff;
        blue += rgb[at + 2] & 0xff;
      }
    }
    long pixels = (long) (right - left) * (bottom - top);
    return (int) (red / pixels) << 16 | (int) (green / pixels) << 8 | (int) (blue / pixels);
  }

  private static byte[] jpeg(BufferedImage image) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } catch (IOException e) {
      throw new UncheckedIOException("A thumbnail cannot be written into memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
