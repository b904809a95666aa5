package dev.vignette.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the picture lies in the file, by the tag Orientation (0x0112) of the first directory of EXIF
 * data (CIPA DC-008, 4.6.4) or of XMP data. The constants are in the order of the tag's values 1 to
 * 8 and say where row 0 and column 0 of the file stand in the upright picture.
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
  private static final int LITTLE_ENDIAN = 0x4949;
  private static final int BIG_ENDIAN = 0x4D4D;
  private static final int TIFF_MARK = 42;
  private static final int TAG = 0x0112;
  private static final int ENTRY_BYTES = 12;
  private static final int INLINE_BYTES = 4;

  /** Bytes of a value of each type of TIFF 6.0; 0 for types there are not. */
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};

  private static final int ABSENT = -1;

  /**
   * Reads it from the metadata of a file as Pillow 12.3 does ({@code Image.getexif}): from the EXIF
   * data, and if the tag is not there, from the XMP data. Data that say nothing sensible mean
   * TOP_LEFT.
   *
   * @param exif TIFF's data, which begin with {@code II} or {@code MM}, with or without {@code
   *     Exif} and two zeros before; of JPEG's segments one behind the other; empty if there are
   *     none
   * @param xmp the XML of XMP; empty if there is none
   */
  static ExifOrientation of(byte[] exif, byte[] xmp) {
    int value = inExif(exif);
    if (value == ABSENT && xmp.length > 0) {
      value = inXmp(new String(xmp, StandardCharsets.ISO_8859_1));
    }
    return value >= 1 && value <= 8 ? values()[value - 1] : TOP_LEFT;
  }

  /** The tag's value; of several the last counts, and data end where they contradict themselves. */
  private static int inExif(byte[] exif) {
    int start = 0;
    while (exif.length - start >= PREFIX.length
        && Arrays.equals(exif, start, start + PREFIX.length, PREFIX, 0, PREFIX.length)) {
      start += PREFIX.length;
    }
    ByteBuffer tiff = ByteBuffer.wrap(exif, start, exif.length - start).slice();
    int found = ABSENT;
    try {
      int order = tiff.getShort(0);
      if (order != LITTLE_ENDIAN && order != BIG_ENDIAN) {
        return ABSENT;
      }
      int mark = tiff.getShort(2);
      if (mark != TIFF_MARK && mark != Short.reverseBytes((short) TIFF_MARK)) {
        return ABSENT;
      }
      tiff.order(order == LITTLE_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      int directory = tiff.getInt(4);
      int entries = Short.toUnsignedInt(tiff.getShort(directory));
      for (int i = 0; i < entries; i++) {
        int entry = directory + 2 + i * ENTRY_BYTES;
        int type = Short.toUnsignedInt(tiff.getShort(entry + 2));
        int unit = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
        long size = Integer.toUnsignedLong(tiff.getInt(entry + 4)) * unit;
        long offset = Integer.toUnsignedLong(tiff.getInt(entry + 8));
        long at = size > INLINE_BYTES ? offset : entry + 8;
        if (at + size > tiff.limit()) {
          return found;
        }
        if (size > 0 && Short.toUnsignedInt(tiff.getShort(entry)) == TAG) {
          found = (int) number(tiff, type, (int) at);
        }
      }
    } catch (IndexOutOfBoundsException shortData) {
      return found; // what was whole before counts
    }
    return found;
  }

  /** The number of {@code type} at {@code at}; 0, which is no orientation, for texts and parts. */
  private static double number(ByteBuffer tiff, int type, int at) {
    double number =
        switch (type) {
          case 3 -> Short.toUnsignedInt(tiff.getShort(at));
          case 4, 13 -> Integer.toUnsignedLong(tiff.getInt(at));
          case 5 ->
              (double) Integer.toUnsignedLong(tiff.getInt(at))
                  / Integer.toUnsignedLong(tiff.getInt(at + 4));
          case 6 -> tiff.get(at);
          case 8 -> tiff.getShort(at);
          case 9 -> tiff.getInt(at);
          case 10 -> (double) tiff.getInt(at) / tiff.getInt(at + 4);
          case 11 -> tiff.getFloat(at);
          case 12 -> tiff.getDouble(at);
          case 16 -> tiff.getLong(at);
          default -> 0;
        };
    return number == Math.rint(number) && Math.abs(number) < 10 ? number : 0;
  }

  private static int inXmp(String xmp) {
    Matcher attributeOrElement = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])").matcher(xmp);
    return attributeOrElement.find() ? attributeOrElement.group(1).charAt(0) - '0' : ABSENT;
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
    for (int y = 0; y < height; y++) {
      place(from, 3 * y * width, y, width, height, to);
    }
    return transposes() ? new RgbImage(height, width, to) : new RgbImage(width, height, to);
  }

  /**
   * Writes the pixels of row {@code y} of a file of {@code width} x {@code height} to where they
   * stand in the upright picture.
   *
   * @param row has red, green and blue of the row's pixels from {@code from} on
   * @param upright the upright picture: (height, width, 3), or (width, height, 3) if this
   *     transposes
   */
  void place(byte[] row, int from, int y, int width, int height, byte[] upright) {
    int read = from;
    int write = 3 * target(0, y, width, height);
    int step = width == 1 ? 0 : 3 * target(1, y, width, height) - write;
    for (int x = 0; x < width; x++, read += 3, write += step) {
      upright[write] = row[read];
      upright[write + 1] = row[read + 1];
      upright[write + 2] = row[read + 2];
    }
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
