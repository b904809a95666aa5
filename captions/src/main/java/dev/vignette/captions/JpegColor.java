package dev.vignette.captions;

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

  /** (n, 1) to a new (n, 3). */
  static byte[] greyToRgb(byte[] grey) {
    byte[] rgb = new byte[3 * grey.length];
    for (int i = 0, out = 0; i < grey.length; i++, out += 3) {
      rgb[out] = grey[i];
      rgb[out + 1] = grey[i];
      rgb[out + 2] = grey[i];
    }
    return rgb;
  }

  /** (n, 3) in place. */
  static byte[] yccToRgb(byte[] samples) {
    for (int i = 0; i < samples.length; i += 3) {
      convertPixel(samples, i);
    }
    return samples;
  }

  /** (n, 4) in place: the colours of YCC, taken from white; black as it is. */
  static byte[] ycckToCmyk(byte[] samples) {
    for (int i = 0; i < samples.length; i += 4) {
      convertPixel(samples, i);
      samples[i] = (byte) ~samples[i];
      samples[i + 1] = (byte) ~samples[i + 1];
      samples[i + 2] = (byte) ~samples[i + 2];
    }
    return samples;
  }

  private static void convertPixel(byte[] samples, int i) {
    int y = samples[i] & 0xFF;
    int cb = samples[i + 1] & 0xFF;
    int cr = samples[i + 2] & 0xFF;
    samples[i] = clip(y + CR_TO_RED[cr]);
    samples[i + 1] = clip(y + (CB_TO_GREEN[cb] + CR_TO_GREEN[cr] >> BITS));
    samples[i + 2] = clip(y + CB_TO_BLUE[cb]);
  }

  /**
   * (n, 4) in Adobe's polarity, 255 for no ink, which Pillow takes all CMYK files to have, to a new
   * (n, 3).
   */
  static byte[] invertedCmykToRgb(byte[] samples) {
    byte[] rgb = new byte[samples.length / 4 * 3];
    for (int in = 0, out = 0; in < samples.length; in += 4, out += 3) {
      int white = samples[in + 3] & 0xFF;
      rgb[out] = clip(white - timesOver255(255 - (samples[in] & 0xFF), white));
      rgb[out + 1] = clip(white - timesOver255(255 - (samples[in + 1] & 0xFF), white));
      rgb[out + 2] = clip(white - timesOver255(255 - (samples[in + 2] & 0xFF), white));
    }
    return rgb;
  }

  private static int timesOver255(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  }

  private static byte clip(int value) {
    return (byte) ((value & ~0xFF) == 0 ? value : value < 0 ? 0 : 255);
  }
}
