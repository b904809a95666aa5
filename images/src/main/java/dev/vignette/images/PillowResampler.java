package dev.vignette.images;

import dev.vignette.images.PillowKernel.Span;

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
}
