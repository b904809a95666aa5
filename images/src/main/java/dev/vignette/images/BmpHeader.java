package dev.vignette.images;

import java.util.Arrays;

/**
 * What the headers of a BMP file say (Windows GDI, BITMAPCOREHEADER to BITMAPV5HEADER).
 *
 * @param width pixels
 * @param height rows
 * @param topDown whether the upper row comes first; as a rule the lowest does
 * @param bits bits a pixel: 1, 4, 8, 16, 24 or 32
 * @param runLengths whether the pixels are run-length coded
 * @param masks where red, green, blue and alpha are in a pixel of 16 bits or more; (4)
 * @param palette blue, green, red and a filler of each colour, (n, {@code entryBytes})
 * @param entryBytes bytes of a colour, 3 or 4
 * @param pixels where the pixels begin in the file
 */
record BmpHeader(
    int width,
    int height,
    boolean topDown,
    int bits,
    boolean runLengths,
    int[] masks,
    byte[] palette,
    int entryBytes,
    int pixels) {
  private static final int FILE_HEADER = 14;
  private static final int CORE = 12;
  private static final int INFO = 40;
  private static final int WITH_MASKS = 52;
  private static final int WITH_ALPHA_MASK = 56;

  private static final int RAW = 0;
  private static final int RUNS_OF_8_BITS = 1;
  private static final int RUNS_OF_4_BITS = 2;
  private static final int BIT_FIELDS = 3;

  static BmpHeader of(ImageFile file) {
    int bytes = (int) file.littleEndian32(FILE_HEADER);
    if (file.bytes().length < FILE_HEADER + bytes) {
      throw file.truncated("it ends within the header");
    }
    boolean core = bytes == CORE;
    if (!core && bytes < INFO) {
      throw file.unsupported("a BMP with a header of %d bytes".formatted(bytes));
    }
    int width = core ? file.littleEndian16(18) : (int) file.littleEndian32(18);
    int height = core ? file.littleEndian16(20) : (int) file.littleEndian32(22);
    file.checkSize(width, Math.abs((long) height));
    int bits = file.littleEndian16(core ? 24 : 28);
    long compression = core ? RAW : file.littleEndian32(30);
    checkKind(file, bits, compression);
    boolean masksFollow = compression == BIT_FIELDS && bytes < WITH_MASKS;
    int entryBytes = core ? 3 : 4;
    int paletteStart = FILE_HEADER + bytes + (masksFollow ? 12 : 0);
    byte[] palette =
        palette(file, bits, core ? 0 : file.littleEndian32(46), paletteStart, entryBytes);
    long pixels = Math.max(file.littleEndian32(10), paletteStart + palette.length);
    return new BmpHeader(
        width,
        Math.abs(height),
        height < 0,
        bits,
        compression == RUNS_OF_8_BITS || compression == RUNS_OF_4_BITS,
        masks(file, bits, compression == BIT_FIELDS, bytes >= WITH_ALPHA_MASK),
        palette,
        entryBytes,
        (int) Math.min(pixels, file.bytes().length));
  }

  private static void checkKind(ImageFile file, int bits, long compression) {
    boolean known =
        switch ((int) compression) {
          case RAW -> bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
          case RUNS_OF_8_BITS -> bits == 8;
          case RUNS_OF_4_BITS -> bits == 4;
          case BIT_FIELDS -> bits == 16 || bits == 32;
          default -> false;
        };
    if (!known) {
      throw file.unsupported(
          "a BMP of a rare kind (%d bits a pixel, compression %d)".formatted(bits, compression));
    }
  }

  private static byte[] palette(ImageFile file, int bits, long colors, int from, int entryBytes) {
    if (bits > 8) {
      return new byte[0];
    }
    int count = colors == 0 || colors > 1 << bits ? 1 << bits : (int) colors;
    if (from + count * entryBytes > file.bytes().length) {
      throw file.truncated("it ends within the palette");
    }
    return Arrays.copyOfRange(file.bytes(), from, from + count * entryBytes);
  }

  private static int[] masks(ImageFile file, int bits, boolean given, boolean alphaGiven) {
    int at = FILE_HEADER + INFO;
    if (given && file.bytes().length < at + 16) {
      throw file.truncated("it ends within the header");
    }
    if (given) {
      return new int[] {
        (int) file.littleEndian32(at),
        (int) file.littleEndian32(at + 4),
        (int) file.littleEndian32(at + 8),
        alphaGiven ? (int) file.littleEndian32(at + 12) : 0
      };
    }
    return bits == 16 ? new int[] {0x7C00, 0x3E0, 0x1F, 0} : new int[] {0xFF0000, 0xFF00, 0xFF, 0};
  }
}
