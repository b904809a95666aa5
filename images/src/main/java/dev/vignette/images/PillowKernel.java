package dev.vignette.images;

/**
 * The weights with which Pillow resamples one axis of an 8-bit image: those of a {@link
 * Resampling}, widened to the whole area that an output pixel covers when shrinking (antialias), in
 * fixed point with 22 bits. Port of {@code precompute_coeffs} and {@code normalize_coeffs_8bpc} of
 * Pillow 12.3, src/libImaging/Resample.c: each weight is divided by their sum in double, then
 * rounded half away from zero.
 *
 * <p>The axis may hold more than the image: where it does not reach, the background stands, and its
 * part of each sum is in {@link #background}.
 *
 * @param first for each output pixel, the first sample of the image that counts
 * @param weights for each output pixel, the weights from there on
 * @param background for each output pixel, the sum of the weights that fall on the background
 */
record PillowKernel(int[] first, int[][] weights, int[] background) {
  /** Bits behind the point: 32, less 8 of the sample, less 2 for weights beyond 1 and below 0. */
  static final int PRECISION_BITS = 32 - 8 - 2;

  /**
   * One half, which rounds a sum of samples times weights when it is shifted by {@link
   * #PRECISION_BITS}.
   */
  static final int HALF = 1 << (PRECISION_BITS - 1);

  /** A stretch of an axis: {@code length} samples from {@code start} on. */
  record Span(int start, int length) {}

  /**
   * The weights for the pixels {@code wanted} out of {@code outLength}, made of {@code axisLength}
   * samples of which the image has those in {@code image}.
   */
  static PillowKernel of(
      Resampling resampling, int axisLength, Span image, long outLength, Span wanted) {
    int[] first = new int[wanted.length()];
    int[][] weights = new int[wanted.length()][];
    int[] background = new int[wanted.length()];
    double scale = (double) axisLength / outLength;
    for (int i = 0; i < wanted.length(); i++) {
      double center = (wanted.start() + i + 0.5) * scale;
      double support = resampling.support() * Math.max(scale, 1.0);
      int from = Math.max(0, (int) (center - support + 0.5));
      int to = Math.min(axisLength, (int) (center + support + 0.5));
      int[] all = fixed(resampling, from, to, center, Math.max(scale, 1.0));

      int begin = Math.clamp(image.start(), from, to);
      int end = Math.clamp(image.start() + image.length(), begin, to);
      weights[i] = new int[end - begin];
      System.arraycopy(all, begin - from, weights[i], 0, end - begin);
      first[i] = Math.max(0, begin - image.start());
      background[i] = sum(all) - sum(weights[i]);
    }
    return new PillowKernel(first, weights, background);
  }

  private static int[] fixed(
      Resampling resampling, int from, int to, double center, double filterScale) {
    double[] exact = new double[to - from];
    double inverse = 1.0 / filterScale;
    double sum = 0;
    for (int i = 0; i < exact.length; i++) {
      exact[i] = resampling.weight((i + from - center + 0.5) * inverse);
      sum += exact[i];
    }
    int[] fixed = new int[exact.length];
    for (int i = 0; i < exact.length; i++) {
      double weight = (sum == 0 ? exact[i] : exact[i] / sum) * (1 << PRECISION_BITS);
      fixed[i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    return fixed;
  }

  private static int sum(int[] weights) {
    int sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    return sum;
  }

  /** The number of output pixels. */
  int length() {
    return first.length;
  }

  /** The sample that {@code sum}, of samples times weights plus {@link #HALF}, stands for. */
  static byte toSample(int sum) {
    int sample = sum >> PRECISION_BITS;
    return (byte) ((sample & ~0xFF) == 0 ? sample : sample < 0 ? 0 : 255);
  }
}
