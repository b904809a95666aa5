package dev.vignette.images;

import dev.vignette.images.PillowResampler.PillowKernel.Span;
import dev.vignette.images.PixelPreprocessor.Resampling;

/**
 * Pillow's {@code resize}, bit for bit: first across, then down, each rounded to 8 bits (Pillow
 * 12.3, src/libImaging/Resample.c). The image may lie on a larger canvas, whose rest is one colour
 * and is never laid out in memory, and only the wanted part of the result is made.
 */
final class PillowResampler {
  private static final int CHANNELS = 3;

  private PillowResampler() {}

  /**
   * A canvas, the image on it, and what is wanted of it.
   *
   * @param width canvas pixels across
   * @param height canvas pixels down
   * @param left where the image begins on the canvas
   * @param top where the image begins on the canvas
   * @param outWidth what the whole canvas is resized to
   * @param outHeight what the whole canvas is resized to
   * @param cropLeft where the wanted rectangle begins in that
   * @param cropTop where the wanted rectangle begins in that
   * @param cropWidth pixels of the wanted rectangle across
   * @param cropHeight pixels of the wanted rectangle down
   */
  record Layout(
      int width,
      int height,
      int left,
      int top,
      long outWidth,
      long outHeight,
      int cropLeft,
      int cropTop,
      int cropWidth,
      int cropHeight) {}

  /**
   * The wanted rectangle. {@code background} is red, green, blue of the canvas around the image, 0
   * to 255.
   */
  static RgbImage resize(RgbImage image, Layout layout, Resampling resampling, int[] background) {
    PillowKernel across =
        PillowKernel.of(
            resampling,
            layout.width(),
            new Span(layout.left(), image.width()),
            layout.outWidth(),
            new Span(layout.cropLeft(), layout.cropWidth()));
    PillowKernel down =
        PillowKernel.of(
            resampling,
            layout.height(),
            new Span(layout.top(), image.height()),
            layout.outHeight(),
            new Span(layout.cropTop(), layout.cropHeight()));
    int firstRow = image.height();
    int lastRow = 0;
    for (int y = 0; y < down.length(); y++) {
      if (down.weights()[y].length > 0) {
        firstRow = Math.min(firstRow, down.first()[y]);
        lastRow = Math.max(lastRow, down.first()[y] + down.weights()[y].length);
      }
    }
    byte[] rows = resizeRows(image, Math.min(firstRow, lastRow), lastRow, across, background);
    return new RgbImage(
        layout.cropWidth(),
        layout.cropHeight(),
        resizeColumns(rows, firstRow, layout.cropWidth(), down, background));
  }

  /** (height, width, 3) to (lastRow - firstRow, across.length, 3). */
  private static byte[] resizeRows(
      RgbImage image, int firstRow, int lastRow, PillowKernel across, int[] background) {
    byte[] rgb = image.rgb();
    int[] first = across.first();
    int[][] weights = across.weights();
    int[] beside = across.background();
    byte[] out = new byte[CHANNELS * (lastRow - firstRow) * first.length];
    int at = 0;
    for (int y = firstRow; y < lastRow; y++) {
      int row = y * CHANNELS * image.width();
      for (int x = 0; x < first.length; x++, at += CHANNELS) {
        writePixel(rgb, row + CHANNELS * first[x], weights[x], background, beside[x], out, at);
      }
    }
    return out;
  }

  // Small, so that it is compiled early: a program that frames one image has finished before its
  // caller would be.
  private static void writePixel(
      byte[] rgb, int first, int[] weights, int[] background, int beside, byte[] out, int at) {
    int red = PillowKernel.HALF + background[0] * beside;
    int green = PillowKernel.HALF + background[1] * beside;
    int blue = PillowKernel.HALF + background[2] * beside;
    int in = first;
    for (int weight : weights) {
      red += weight * (rgb[in] & 0xFF);
      green += weight * (rgb[in + 1] & 0xFF);
      blue += weight * (rgb[in + 2] & 0xFF);
      in += CHANNELS;
    }
    out[at] = PillowKernel.toSample(red);
    out[at + 1] = PillowKernel.toSample(green);
    out[at + 2] = PillowKernel.toSample(blue);
  }

  /** (rows from firstRow on, width, 3) to (down.length, width, 3). */
  private static byte[] resizeColumns(
      byte[] rows, int firstRow, int width, PillowKernel down, int[] background) {
    int stride = CHANNELS * width;
    byte[] out = new byte[stride * down.length()];
    int[] sums = new int[stride];
    for (int y = 0; y < down.length(); y++) {
      for (int i = 0; i < stride; i++) {
        sums[i] = PillowKernel.HALF + background[i % CHANNELS] * down.background()[y];
      }
      int in = (down.first()[y] - firstRow) * stride;
      for (int weight : down.weights()[y]) {
        addRow(sums, rows, in, weight);
        in += stride;
      }
      writeRow(sums, out, y * stride);
    }
    return out;
  }

  private static void addRow(int[] sums, byte[] rows, int in, int weight) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * (rows[in + i] & 0xFF);
    }
  }

  private static void writeRow(int[] sums, byte[] out, int at) {
    for (int i = 0; i < sums.length; i++) {
      out[at + i] = PillowKernel.toSample(sums[i]);
    }
  }

  /**
   * The weights with which Pillow resamples one axis of an 8-bit image: those of a {@link
   * Resampling}, widened to the whole area that an output pixel covers when shrinking (antialias),
   * in fixed point with 22 bits. Port of {@code precompute_coeffs} and {@code
   * normalize_coeffs_8bpc} of Pillow 12.3, src/libImaging/Resample.c: each weight is divided by
   * their sum in double, then rounded half away from zero.
   *
   * <p>The axis may hold more than the image: where it does not reach, the background stands, and
   * its part of each sum is in {@link #background}.
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
     * The weights for the pixels {@code wanted} out of {@code outLength}, made of {@code
     * axisLength} samples of which the image has those in {@code image}.
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
}
