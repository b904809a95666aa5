package dev.vignette.images;

/**
 * The colour conversions of JPEG, in the fixed-point arithmetic of libjpeg (jdcolor.c, the same in
 * 6b and libjpeg-turbo 3.1) and Pillow (Convert.c, 12.3), so that every sample is theirs.
 */
final class JpegColor {
  private static final int BITS = 16;
  private static final int HALF = 1 << (BITS - 1);

  private static final int[] CR_TO_RED = new int[256];
  private static final int[] CB_TO_BLUE = new int[256];
  private static final int[] CR_TO_GREEN = new int[256];
  private static final int[] CB_TO_GREEN = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int x = i - 128;
      CR_TO_RED[i] = fixed(1.40200) * x + HALF >> BITS;
      CB_TO_BLUE[i] = fixed(1.77200) * x + HALF >> BITS;
      CR_TO_GREEN[i] = -fixed(0.71414) * x;
      CB_TO_GREEN[i] = -fixed(0.34414) * x + HALF;
    }
  }

  private JpegColor() {}

  private static int fixed(double value) {
    return (int) (value * (1 << BITS) + 0.5);
  }

  /** Writes pixels of {@code grey} to {@code rgb} from {@code out} on. */
  static void writeGrey(byte[] grey, byte[] rgb, int out, int width) {
    for (int x = 0, at = out; x < width; x++, at += 3) {
      rgb[at] = grey[x];
      rgb[at + 1] = grey[x];
      rgb[at + 2] = grey[x];
    }
  }

  /** Writes pixels of {@code red}, {@code green} and {@code blue}. */
  static void writeRgb(byte[] red, byte[] green, byte[] blue, byte[] rgb, int out, int width) {
    for (int x = 0, at = out; x < width; x++, at += 3) {
      rgb[at] = red[x];
      rgb[at + 1] = green[x];
      rgb[at + 2] = blue[x];
    }
  }

  /** Writes pixels of luma and chroma. */
  static void writeYcc(
      byte[] luma, byte[] blueness, byte[] redness, byte[] rgb, int out, int width) {
    for (int x = 0, at = out; x < width; x++, at += 3) {
      int y = luma[x] & 0xFF;
      int cb = blueness[x] & 0xFF;
      int cr = redness[x] & 0xFF;
      rgb[at] = clip(y + CR_TO_RED[cr]);
      rgb[at + 1] = clip(y + (CB_TO_GREEN[cb] + CR_TO_GREEN[cr] >> BITS));
      rgb[at + 2] = clip(y + CB_TO_BLUE[cb]);
    }
  }

  /** Turns red, green and blue into what they lack to white, as YCCK files have it. */
  static void invert(byte[] rgb, int out, int width) {
    for (int at = out; at < out + 3 * width; at++) {
      rgb[at] = (byte) ~rgb[at];
    }
  }

  /**
   * Puts ink on the pixels of {@code rgb}, which are the light that cyan, magenta and yellow leave;
   * {@code white} is what black leaves. This is Adobe's polarity, 255 for no ink, which Pillow
   * takes all CMYK files to have.
   */
  static void multiplyByWhite(byte[] white, byte[] rgb, int out, int width) {
    for (int x = 0, at = out; x < width; x++, at += 3) {
      int left = white[x] & 0xFF;
      rgb[at] = clip(left - timesOver255(255 - (rgb[at] & 0xFF), left));
      rgb[at + 1] = clip(left - timesOver255(255 - (rgb[at + 1] & 0xFF), left));
      rgb[at + 2] = clip(left - timesOver255(255 - (rgb[at + 2] & 0xFF), left));
    }
  }

  private static int timesOver255(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  }

  private static byte clip(int value) {
    return (byte) ((value & ~0xFF) == 0 ? value : value < 0 ? 0 : 255);
  }
}
