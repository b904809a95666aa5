package dev.vignette.attention;

import dev.vignette.files.MarkedPng;
import dev.vignette.images.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as files, and as addresses for a page that loads nothing. */
final class EncodedPicture {
  private static final float JPEG_QUALITY = 0.88f;

  /** Up to so many pixels a PNG is small enough to be embedded. */
  private static final int PNG_PIXELS = 256 * 256;

  private EncodedPicture() {}

  /** Writes a PNG that {@link MarkedPng#isFree} knows. */
  static void writePng(Path file, BufferedImage picture) {
    MarkedPng.write(file, bytes(picture, "png"));
  }

  /** A {@code data:} address: of a PNG if the picture is small, else of a JPEG. */
  static String address(RgbImage picture) {
    String format = picture.width() * picture.height() <= PNG_PIXELS ? "png" : "jpeg";
    return "data:image/%s;base64,%s"
        .formatted(format, Base64.getEncoder().encodeToString(bytes(buffered(picture), format)));
  }

  private static byte[] bytes(BufferedImage picture, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(picture, format, bytes);
    } catch (IOException e) {
      throw new IllegalStateException("A picture cannot be encoded in memory", e);
    }
    return bytes.toByteArray();
  }

  static BufferedImage buffered(RgbImage picture) {
    int width = picture.width();
    byte[] rgb = picture.rgb();
    BufferedImage image = new BufferedImage(width, picture.height(), BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * width + x);
        row[x] = (rgb[at] & 0xFF) << 16 | (rgb[at + 1] & 0xFF) << 8 | rgb[at + 2] & 0xFF;
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  /** Without ImageIO's cache, which would be a file in a folder that may be full. */
  private static void write(BufferedImage image, String format, OutputStream out)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (format.equals("jpeg")) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(JPEG_QUALITY);
      }
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
  }
}
