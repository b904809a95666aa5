package dev.vignette.captions;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * How the picture lies in the file, by the tag Orientation (0x0112) of the first directory of EXIF
 * data (CIPA DC-008, 4.6.4). The constants are in the order of the tag's values 1 to 8 and say
 * where row 0 and column 0 of the file stand in the upright picture.
 */
enum ExifOrientation {
  TOP_LEFT,
  TOP_RIGHT,
  BOTTOM_RIGHT,
  BOTTOM_LEFT,
  LEFT_TOP,
  RIGHT_TOP,
  RIGHT_BOTTOM,
  LEFT_BOTTOM;

  private static final byte[] PREFIX = {'E', 'x', 'i', 'f', 0, 0};
  private static final int TAG = 0x0112;
  private static final int ENTRY_BYTES = 12;

  /**
   * Reads it from EXIF data: TIFF's, which begin with {@code II} or {@code MM}, with or without
   * {@code Exif} and two zeros before. Data that say nothing sensible mean TOP_LEFT.
   */
  static ExifOrientation of(byte[] bytes, int from, int to) {
    int start =
        Arrays.mismatch(bytes, from, to, PREFIX, 0, PREFIX.length) == PREFIX.length
            ? from + PREFIX.length
            : from;
    ByteBuffer tiff = ByteBuffer.wrap(bytes, start, to - start).slice();
    try {
      int order = tiff.getShort();
      if (order != 0x4949 && order != 0x4D4D) {
        return TOP_LEFT;
      }
      tiff.order(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      int directory = tiff.getInt(4);
      int entries = Short.toUnsignedInt(tiff.getShort(directory));
      for (int i = 0; i < entries; i++) {
        int entry = directory + 2 + i * ENTRY_BYTES;
        if (Short.toUnsignedInt(tiff.getShort(entry)) == TAG) {
          int value = tiff.getShort(entry + 8);
          return value >= 1 && value <= 8 ? values()[value - 1] : TOP_LEFT;
        }
      }
      return TOP_LEFT;
    } catch (BufferUnderflowException | IndexOutOfBoundsException shortData) {
      return TOP_LEFT;
    }
  }

  /** Whether width and height change places. */
  boolean transposes() {
    return ordinal() >= LEFT_TOP.ordinal();
  }

  /** The upright picture of {@code image}, which is {@code image} itself if it is upright. */
  RgbImage upright(RgbImage image) {
    if (this == TOP_LEFT) {
      return image;
    }
    int width = image.width();
    int height = image.height();
    byte[] from = image.rgb();
    byte[] to = new byte[from.length];
    int read = 0;
    for (int y = 0; y < height; y++) {
      int write = 3 * target(0, y, width, height);
      int step = width == 1 ? 0 : 3 * target(1, y, width, height) - write;
      for (int x = 0; x < width; x++, read += 3, write += step) {
        to[write] = from[read];
        to[write + 1] = from[read + 1];
        to[write + 2] = from[read + 2];
      }
    }
    return transposes() ? new RgbImage(height, width, to) : new RgbImage(width, height, to);
  }

  /**
   * The index, in the upright picture, of the pixel at (x, y) of the file, which has width x
   * height.
   */
  private int target(int x, int y, int width, int height) {
    int right = width - 1 - x;
    int below = height - 1 - y;
    return switch (this) {
      case TOP_LEFT -> y * width + x;
      case TOP_RIGHT -> y * width + right;
      case BOTTOM_RIGHT -> below * width + right;
      case BOTTOM_LEFT -> below * width + x;
      case LEFT_TOP -> x * height + y;
      case RIGHT_TOP -> x * height + below;
      case RIGHT_BOTTOM -> right * height + below;
      case LEFT_BOTTOM -> right * height + y;
    };
  }
}
