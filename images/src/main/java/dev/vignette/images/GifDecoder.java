package dev.vignette.images;

import java.util.Arrays;

/**
 * Decodes the first frame of a GIF file (GIF89a), laid on its screen as Pillow 12 does: where the
 * frame does not reach, the transparent colour shows, or colour 0 if there is none. A screen that
 * is too small for the frame grows to it.
 */
final class GifDecoder {
  private static final int HEADER_BYTES = 13;
  private static final int DESCRIPTOR_BYTES = 9;

  private final ImageFile file;
  private int position;
  private int transparent = -1;

  GifDecoder(ImageFile file) {
    this.file = file;
  }

  RgbImage decode() {
    require(HEADER_BYTES);
    byte[] palette = readPalette(file.unsigned8(10), HEADER_BYTES);
    findFrame();
    require(DESCRIPTOR_BYTES);
    int left = file.littleEndian16(position);
    int top = file.littleEndian16(position + 2);
    int columns = file.littleEndian16(position + 4);
    int rows = file.littleEndian16(position + 6);
    int flags = file.unsigned8(position + 8);
    file.checkSize(columns, rows);
    int width = Math.max(file.littleEndian16(6), left + columns);
    int height = Math.max(file.littleEndian16(8), top + rows);
    file.checkSize(width, height);
    byte[] local = readPalette(flags, position + DESCRIPTOR_BYTES);
    byte[] indices = new byte[columns * rows];
    require(1);
    int minimumBits = file.unsigned8(position++);
    new GifLzw(file, position, minimumBits).decode(indices);

    Screen screen = new Screen(width, height, opaque(local.length > 0 ? local : palette));
    screen.fill(Math.max(0, transparent));
    screen.draw(indices, left, top, columns, (flags & 0x40) != 0);
    return new RgbImage(width, height, screen.rgb);
  }

  /**
   * The colours after a flags byte, (n, 3), at {@code from}; none if the flags say so. Moves behind
   * them.
   */
  private byte[] readPalette(int flags, int from) {
    position = from;
    if ((flags & 0x80) == 0) {
      return new byte[0];
    }
    int length = 3 << (flags & 7) + 1;
    require(length);
    position += length;
    return Arrays.copyOfRange(file.bytes(), from, from + length);
  }

  /** Moves behind the separator of the first frame, reading the transparent colour on the way. */
  private void findFrame() {
    while (true) {
      require(2);
      int separator = file.unsigned8(position++);
      if (separator == ',') {
        return;
      }
      if (separator == ';') {
        throw file.damaged("it has no frame");
      }
      if (separator == '!') {
        boolean control = file.unsigned8(position++) == 0xF9;
        require(6);
        if (control && (file.unsigned8(position + 1) & 1) != 0) {
          transparent = file.unsigned8(position + 4);
        }
        skipBlocks();
      }
    }
  }

  private void skipBlocks() {
    int length;
    do {
      require(1);
      length = file.unsigned8(position);
      position += 1 + length;
    } while (length != 0);
  }

  private void require(int count) {
    if (position + count > file.bytes().length) {
      throw file.truncated("it ends before its first frame does");
    }
  }

  /**
   * All 256 colours as they show, (256, 3); those that the palette lacks are greys, as Pillow has
   * them.
   */
  private byte[] opaque(byte[] palette) {
    byte[] colors = new byte[3 * 256];
    for (int i = 0; i < colors.length; i++) {
      int sample = i < palette.length ? palette[i] & 0xFF : i / 3;
      colors[i] = (byte) file.options().alpha().opaque(sample, i / 3 == transparent ? 0 : 255);
    }
    return colors;
  }

  /** The pixels on which the frame is laid. */
  private static final class Screen {
    private static final int[][] INTERLACED = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
    private static final int[][] IN_ORDER = {{0, 1}};

    private final int width;
    private final byte[] colors;
    private final byte[] rgb;

    Screen(int width, int height, byte[] colors) {
      this.width = width;
      this.colors = colors;
      this.rgb = new byte[3 * width * height];
    }

    void fill(int color) {
      for (int at = 0; at < rgb.length; at += 3) {
        System.arraycopy(colors, 3 * color, rgb, at, 3);
      }
    }

    void draw(byte[] indices, int left, int top, int columns, boolean interlaced) {
      int rows = indices.length / columns;
      int in = 0;
      for (int[] pass : interlaced ? INTERLACED : IN_ORDER) {
        for (int y = pass[0]; y < rows; y += pass[1], in += columns) {
          drawRow(indices, in, left, top + y, columns);
        }
      }
    }

    private void drawRow(byte[] indices, int in, int left, int y, int columns) {
      int out = 3 * (y * width + left);
      for (int x = 0; x < columns; x++, out += 3) {
        System.arraycopy(colors, 3 * (indices[in + x] & 0xFF), rgb, out, 3);
      }
    }
  }
}
