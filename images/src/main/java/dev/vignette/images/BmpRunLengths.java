package dev.vignette.images;

/** The run-length codes of BMP (BI_RLE8 and BI_RLE4): a count and a value, or 0 and an order. */
final class BmpRunLengths {
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
