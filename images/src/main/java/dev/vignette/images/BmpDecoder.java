package dev.vignette.images;

/**
 * Decodes BMP files of 1 to 32 bits a pixel, plain, run-length coded or with bit fields, to what
 * Pillow 12 gives.
 */
final class BmpDecoder {
  private final ImageFile file;
  private final BmpHeader header;
  private final byte[] rgb;

  BmpDecoder(ImageFile file) {
    this.file = file;
    this.header = BmpHeader.of(file);
    this.rgb = new byte[3 * header.width() * header.height()];
  }

  RgbImage decode() {
    if (header.runLengths()) {
      byte[] indices = new byte[header.width() * header.height()];
      new BmpRunLengths(file, header).decode(indices);
      for (int y = 0; y < header.height(); y++) {
        writeIndexed(indices, y * header.width(), 8, out(y));
      }
    } else {
      decodeRows();
    }
    return new RgbImage(header.width(), header.height(), rgb);
  }

  private void decodeRows() {
    long stride = ((long) header.width() * header.bits() + 31) / 32 * 4;
    long needed = ((long) header.width() * header.bits() + 7) / 8 + stride * (header.height() - 1);
    if (header.pixels() + needed > file.bytes().length) {
      throw file.truncated(
          "its pixels take %d bytes from byte %d on".formatted(needed, header.pixels()));
    }
    for (int y = 0; y < header.height(); y++) {
      int in = (int) (header.pixels() + y * stride);
      switch (header.bits()) {
        case 24 -> write24(in, out(y));
        case 16, 32 -> writeMasked(in, out(y));
        default -> writeIndexed(file.bytes(), in, header.bits(), out(y));
      }
    }
  }

  /** Where row {@code y} of the file goes. */
  private int out(int y) {
    return 3 * header.width() * (header.topDown() ? y : header.height() - 1 - y);
  }

  private void writeIndexed(byte[] indices, int from, int bits, int to) {
    byte[] palette = header.palette();
    int mask = (1 << bits) - 1;
    int out = to;
    for (int x = 0; x < header.width(); x++) {
      int bit = x * bits;
      int color = header.entryBytes() * (indices[from + (bit >> 3)] >> 8 - bits - (bit & 7) & mask);
      for (int i = 2; i >= 0; i--) {
        rgb[out++] = color < palette.length ? palette[color + i] : 0;
      }
    }
  }

  private void write24(int from, int to) {
    byte[] bytes = file.bytes();
    for (int in = from, out = to; out < to + 3 * header.width(); in += 3, out += 3) {
      rgb[out] = bytes[in + 2];
      rgb[out + 1] = bytes[in + 1];
      rgb[out + 2] = bytes[in];
    }
  }

  private void writeMasked(int from, int to) {
    int pixelBytes = header.bits() / 8;
    int[] masks = header.masks();
    int out = to;
    for (int x = 0; x < header.width(); x++) {
      int in = from + x * pixelBytes;
      int pixel = pixelBytes == 2 ? file.littleEndian16(in) : (int) file.littleEndian32(in);
      int opacity = masks[3] == 0 ? 255 : sample(pixel, masks[3]);
      for (int i = 0; i < 3; i++) {
        rgb[out++] = (byte) file.options().alpha().opaque(sample(pixel, masks[i]), opacity);
      }
    }
  }

  private static int sample(int pixel, int mask) {
    if (mask == 0) {
      return 0;
    }
    int shift = Integer.numberOfTrailingZeros(mask);
    return (int) ((long) ((pixel & mask) >>> shift) * 255 / (mask >>> shift & 0xFFFFFFFFL));
  }

  /** The run-length codes of BMP (BI_RLE8 and BI_RLE4): a count and a value, or 0 and an order. */
  static final class BmpRunLengths {
    private static final int END_OF_ROW = 0;
    private static final int END_OF_IMAGE = 1;
    private static final int MOVE = 2;

    private final ImageFile file;
    private final BmpHeader header;
    private int position;

    BmpRunLengths(ImageFile file, BmpHeader header) {
      this.file = file;
      this.header = header;
      this.position = header.pixels();
    }

    /**
     * Fills {@code indices}, (height, width) in the order of the file; what is moved over stays 0.
     */
    void decode(byte[] indices) {
      int width = header.width();
      int x = 0;
      int y = 0;
      while (y < header.height()) {
        int count = next();
        int value = next();
        if (count > 0) {
          x = writeRun(indices, y, x, count, value);
        } else if (value == END_OF_ROW) {
          x = 0;
          y++;
        } else if (value == END_OF_IMAGE) {
          return;
        } else if (value == MOVE) {
          x = Math.min(width, x + next());
          y += next();
        } else {
          x = writeLiterals(indices, y, x, value);
        }
      }
    }

    private int writeRun(byte[] indices, int y, int x, int count, int value) {
      int end = Math.min(header.width(), x + count);
      for (int i = x; i < end; i++) {
        indices[y * header.width() + i] = (byte) index(value, i - x);
      }
      return end;
    }

    private int writeLiterals(byte[] indices, int y, int x, int count) {
      int value = 0;
      for (int i = 0; i < count; i++) {
        if (header.bits() == 8 || (i & 1) == 0) {
          value = next();
        }
        if (x + i < header.width()) {
          indices[y * header.width() + x + i] = (byte) index(value, i);
        }
      }
      int bytes = header.bits() == 8 ? count : (count + 1) / 2;
      position += bytes & 1;
      return Math.min(header.width(), x + count);
    }

    private int index(int value, int place) {
      if (header.bits() == 8) {
        return value;
      }
      return (place & 1) == 0 ? value >> 4 : value & 15;
    }

    private int next() {
      if (position >= file.bytes().length) {
        throw file.truncated("its pixels end too early");
      }
      return file.unsigned8(position++);
    }
  }
}
