package dev.vignette.images;

/**
 * A decoded VP8 picture: luma, and chroma of half the columns and rows.
 *
 * @param width pixels of the picture; the planes reach to the next multiple of 16 (8 for chroma)
 * @param height rows of the picture
 */
record Vp8Frame(int width, int height, Plane luma, Plane u, Plane v) {

  /**
   * Samples with a column to the left and a row above, which stand for what is outside of the
   * picture.
   */
  static final class Plane {
    private static final byte LEFT_OF_PICTURE = (byte) 129;
    private static final byte ABOVE_PICTURE = 127;

    private final byte[] samples;
    private final int stride;

    Plane(int width, int height) {
      stride = width + 1;
      samples = new byte[stride * (height + 1)];
      for (int y = 0; y < height; y++) {
        samples[at(-1, y)] = LEFT_OF_PICTURE;
      }
      for (int x = -1; x < width; x++) {
        samples[at(x, -1)] = ABOVE_PICTURE;
      }
    }

    byte[] samples() {
      return samples;
    }

    /** From a sample to the one below it. */
    int stride() {
      return stride;
    }

    /** Where the sample of column {@code x} and row {@code y} is, both from -1 on. */
    int at(int x, int y) {
      return (y + 1) * stride + x + 1;
    }
  }

  /** An empty picture. */
  static Vp8Frame of(int width, int height) {
    int columns = (width + 15) / 16;
    int rows = (height + 15) / 16;
    return new Vp8Frame(
        width,
        height,
        new Plane(16 * columns, 16 * rows),
        new Plane(8 * columns, 8 * rows),
        new Plane(8 * columns, 8 * rows));
  }
}
