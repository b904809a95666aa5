package dev.vignette.captions;

import java.io.IOException;
import javax.imageio.ImageReader;

/** Decodes BMP files with the JDK's reader. */
final class BmpDecoder {
  private static final int CORE_HEADER = 12;

  private BmpDecoder() {}

  static RgbImage decode(ImageFile file) {
    if (file.littleEndian32(14) == CORE_HEADER) {
      file.checkSize(file.littleEndian16(18), file.littleEndian16(20));
    } else {
      file.checkSize((int) file.littleEndian32(18), Math.abs((long) (int) file.littleEndian32(22)));
    }
    ImageReader reader = JdkImageReaders.bmp();
    try {
      reader.setInput(new ByteArrayImageInput(file.bytes()), true, true);
      return BufferedPixels.toRgb(reader.read(0), file.options().alpha());
    } catch (IOException | RuntimeException failure) {
      throw file.damaged("its BMP data cannot be decoded (%s)".formatted(failure), failure);
    } finally {
      reader.dispose();
    }
  }
}
