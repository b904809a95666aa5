package dev.vignette.images;

/**
 * What was done to the pixels of a lossless picture before they were coded, to be undone (RFC 9649,
 * 4).
 */
sealed interface Vp8lTransform {
  /** Undoes it: (height, width) to (height, the width before). */
  int[] undo(int[] argb, int height);

  /** The number of squares with sides of 2^{@code bits} that cover {@code length}. */
  static int squares(int length, int bits) {
    return length + (1 << bits) - 1 >> bits;
  }

  /** Adds two pixels channel by channel, each modulo 256. */
  static int add(int a, int b) {
    int alphaGreen = (a & 0xFF00FF00) + (b & 0xFF00FF00);
    int redBlue = (a & 0x00FF00FF) + (b & 0x00FF00FF);
    return alphaGreen & 0xFF00FF00 | redBlue & 0x00FF00FF;
  }

  /** Green was taken from red and blue. */
  record SubtractGreen() implements Vp8lTransform {
    @Override
    public int[] undo(int[] argb, int height) {
      for (int i = 0; i < argb.length; i++) {
        int green = argb[i] >> 8 & 0xFF;
        argb[i] = add(argb[i], green << 16 | green);
      }
      return argb;
    }
  }

  /**
   * Parts of green and red were taken from red and blue; {@code factors} says how much in each
   * square.
   */
  record Color(int width, int bits, int[] factors) implements Vp8lTransform {
    @Override
    public int[] undo(int[] argb, int height) {
      for (int i = 0; i < argb.length; i++) {
        int x = i % width;
        int y = i / width;
        int factor = factors[(y >> bits) * squares(width, bits) + (x >> bits)];
        int green = (byte) (argb[i] >> 8);
        int red = (argb[i] >> 16) + part(factor, green);
        int blue = argb[i] + part(factor >> 8, green) + part(factor >> 16, red);
        argb[i] = argb[i] & 0xFF00FF00 | (red & 0xFF) << 16 | blue & 0xFF;
      }
      return argb;
    }

    private static int part(int factor, int sample) {
      return (byte) factor * (byte) sample >> 5;
    }
  }

  /** Pixels are indices into {@code palette}, in green, 2^{@code bits} of them to one. */
  record Palette(int width, int bits, int[] palette) implements Vp8lTransform {
    @Override
    public int[] undo(int[] argb, int height) {
      int packedWidth = squares(width, bits);
      int indexBits = 8 >> bits;
      int mask = (1 << indexBits) - 1;
      int[] out = new int[width * height];
      for (int y = 0, at = 0; y < height; y++) {
        for (int x = 0; x < width; x++, at++) {
          int packed = argb[y * packedWidth + (x >> bits)] >> 8 & 0xFF;
          int index = packed >> indexBits * (x & (1 << bits) - 1) & mask;
          out[at] = index < palette.length ? palette[index] : 0;
        }
      }
      return out;
    }
  }

  /** Pixels are differences from predictions; {@code modes} says from which in each square. */
  record Predictor(int width, int bits, int[] modes) implements Vp8lTransform {
    @Override
    public int[] undo(int[] argb, int height) {
      Vp8lPredictor.undo(argb, width, bits, modes);
      return argb;
    }
  }
}
