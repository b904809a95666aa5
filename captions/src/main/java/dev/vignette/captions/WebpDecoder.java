package dev.vignette.captions;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageReader;

/** Decodes WebP files (the first frame of moving ones) with TwelveMonkeys' reader. */
final class WebpDecoder {
  private static final int FIRST_CHUNK = 12;

  private WebpDecoder() {}

  static RgbImage decode(ImageFile file) {
    checkHeader(file);
    ImageReader reader = new WebPImageReaderSpi().createReaderInstance(null);
    try {
      reader.setInput(new ByteArrayImageInput(file.bytes()), true, true);
      return file.oriented(
          BufferedPixels.toRgb(reader.read(0), file.options().alpha()), orientation(file));
    } catch (IOException | RuntimeException failure) {
      throw file.damaged("its WebP data cannot be decoded (%s)".formatted(failure), failure);
    } finally {
      reader.dispose();
    }
  }

  /** Sizes by RFC 9649, 2.5 to 2.7. */
  private static void checkHeader(ImageFile file) {
    if (file.bytes().length < 30) {
      throw file.truncated("it ends within the header");
    }
    switch (chunkType(file, FIRST_CHUNK)) {
      case "VP8X" -> file.checkSize(1 + littleEndian24(file, 24), 1 + littleEndian24(file, 27));
      case "VP8L" -> {
        long sizes = file.littleEndian32(21);
        file.checkSize(1 + (sizes & 0x3FFF), 1 + (sizes >> 14 & 0x3FFF));
      }
      case "VP8 " ->
          file.checkSize(file.littleEndian16(26) & 0x3FFF, file.littleEndian16(28) & 0x3FFF);
      default -> throw file.damaged("its first chunk is none of WebP");
    }
    if (file.littleEndian32(4) + 8 > file.bytes().length) {
      throw file.truncated("its header says %d bytes".formatted(file.littleEndian32(4) + 8));
    }
  }

  private static ExifOrientation orientation(ImageFile file) {
    long at = FIRST_CHUNK;
    while (at + 8 <= file.bytes().length) {
      long length = file.littleEndian32((int) at + 4);
      if (chunkType(file, (int) at).equals("EXIF")) {
        int from = (int) at + 8;
        return ExifOrientation.of(
            file.bytes(), from, (int) Math.min(from + length, file.bytes().length));
      }
      at += 8 + length + (length & 1);
    }
    return ExifOrientation.TOP_LEFT;
  }

  private static int littleEndian24(ImageFile file, int offset) {
    return file.littleEndian16(offset) | file.unsigned8(offset + 2) << 16;
  }

  private static String chunkType(ImageFile file, int chunk) {
    return new String(file.bytes(), chunk, 4, StandardCharsets.ISO_8859_1);
  }
}
