package dev.vignette.images;

import dev.vignette.images.RgbImage.ImageReadOptions.AlphaMode;
import java.util.Arrays;

/** Turns the rows of one kind of PNG into opaque RGB. */
sealed interface PngPixels {
  /**
   * Writes {@code columns} pixels of {@code row} to {@code rgb}, the first at {@code out}, the next
   * {@code step} on.
   */
  void write(byte[] row, int columns, byte[] rgb, int out, int step);

  /** The kind that {@code png} has. */
  static PngPixels of(PngStructure png, ImageFile file) {
    AlphaMode alpha = file.options().alpha();
    if (png.colorType() == PngStructure.PALETTE) {
      if (png.palette().length < 3) {
        throw file.damaged("it needs a palette and has none");
      }
      return new Indexed(png.bits(), paletteColors(png, alpha));
    }
    if (png.colorType() == PngStructure.GREY && png.bits() <= 8) {
      return new Indexed(png.bits(), greyColors(png, alpha));
    }
    return new Direct(png.samples(), png.bits() / 8, png.hasAlpha(), transparentPixel(png), alpha);
  }

  private static byte[] paletteColors(PngStructure png, AlphaMode alpha) {
    byte[] colors = new byte[3 * 256];
    byte[] palette = png.palette();
    byte[] transparency = png.transparency();
    for (int i = 0; i < Math.min(colors.length, palette.length); i++) {
      int opacity = i / 3 < transparency.length ? transparency[i / 3] & 0xFF : 255;
      colors[i] = (byte) alpha.opaque(palette[i] & 0xFF, opacity);
    }
    return colors;
  }

  private static byte[] greyColors(PngStructure png, AlphaMode alpha) {
    byte[] colors = new byte[3 * 256];
    int levels = 1 << png.bits();
    byte[] key = png.transparency();
    int transparent = key.length == 2 ? (key[0] & 0xFF) << 8 | key[1] & 0xFF : -1;
    for (int i = 0; i < levels; i++) {
      int grey = alpha.opaque(255 / (levels - 1) * i, i == transparent ? 0 : 255);
      Arrays.fill(colors, 3 * i, 3 * i + 3, (byte) grey);
    }
    return colors;
  }

  /** The bytes of the transparent pixel as they stand in a row; empty if there is none. */
  private static byte[] transparentPixel(PngStructure png) {
    byte[] key = png.transparency();
    if (png.hasAlpha() || key.length != 2 * png.samples()) {
      return new byte[0];
    }
    if (png.bits() == 16) {
      return key;
    }
    byte[] low = new byte[png.samples()];
    for (int i = 0; i < low.length; i++) {
      low[i] = key[2 * i + 1];
    }
    return low;
  }

  /** Samples of up to 8 bits that choose one of {@code colors}, (256, 3). */
  record Indexed(int bits, byte[] colors) implements PngPixels {
    @Override
    public void write(byte[] row, int columns, byte[] rgb, int out, int step) {
      int mask = (1 << bits) - 1;
      int at = out;
      for (int x = 0; x < columns; x++, at += step) {
        int bit = x * bits;
        int color = 3 * (row[bit >> 3] >> 8 - bits - (bit & 7) & mask);
        rgb[at] = colors[color];
        rgb[at + 1] = colors[color + 1];
        rgb[at + 2] = colors[color + 2];
      }
    }
  }

  /**
   * Samples of 8 or 16 bits that are grey or colours, with alpha after them or one transparent
   * colour or neither.
   */
  record Direct(int samples, int bytes, boolean hasAlpha, byte[] transparent, AlphaMode alpha)
      implements PngPixels {
    @Override
    public void write(byte[] row, int columns, byte[] rgb, int out, int step) {
      int pixel = samples * bytes;
      boolean opaque = alpha == AlphaMode.DROP || !hasAlpha && transparent.length == 0;
      if (opaque && pixel == 3 && step == 3) {
        System.arraycopy(row, 0, rgb, out, 3 * columns);
        return;
      }
      int green = samples < 3 ? 0 : bytes;
      int blue = 2 * green;
      int at = out;
      for (int in = 0; in < columns * pixel; in += pixel, at += step) {
        rgb[at] = row[in];
        rgb[at + 1] = row[in + green];
        rgb[at + 2] = row[in + blue];
        if (!opaque) {
          layOverWhite(rgb, at, opacity(row, in, pixel));
        }
      }
    }

    private int opacity(byte[] row, int in, int pixel) {
      if (hasAlpha) {
        return row[in + pixel - bytes] & 0xFF;
      }
      return Arrays.equals(row, in, in + pixel, transparent, 0, pixel) ? 0 : 255;
    }

    private void layOverWhite(byte[] rgb, int at, int opacity) {
      for (int i = at; i < at + 3; i++) {
        rgb[i] = (byte) alpha.opaque(rgb[i] & 0xFF, opacity);
      }
    }
  }
}
