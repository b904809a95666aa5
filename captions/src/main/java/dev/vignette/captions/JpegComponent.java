package dev.vignette.captions;

import java.util.Arrays;

/**
 * One component of a JPEG frame: its samples in blocks of 8 x 8, and while a progressive file is
 * read, its coefficients. Luma has the most samples as a rule, chroma half as many across, down, or
 * both.
 */
final class JpegComponent {
  private final int id;
  private final int horizontal;
  private final int vertical;
  private final int tableNumber;
  private int width;
  private int height;
  private int columns;
  private byte[] samples = {};
  private short[] coefficients = {};
  private int[] steps = {};

  JpegComponent(int id, int horizontal, int vertical, int tableNumber) {
    this.id = id;
    this.horizontal = horizontal;
    this.vertical = vertical;
    this.tableNumber = tableNumber;
  }

  /**
   * Takes memory for a frame of {@code unitColumns} x {@code unitRows} units and {@code width} x
   * {@code height} samples.
   */
  void allocate(
      int unitColumns, int unitRows, int sampleWidth, int sampleHeight, boolean progressive) {
    width = sampleWidth;
    height = sampleHeight;
    columns = unitColumns * horizontal;
    samples = new byte[64 * columns * unitRows * vertical];
    Arrays.fill(samples, (byte) 128);
    coefficients = new short[progressive ? samples.length : 64];
  }

  int id() {
    return id;
  }

  /** Blocks across in a unit of a scan of several components. */
  int horizontal() {
    return horizontal;
  }

  /** Blocks down in a unit of a scan of several components. */
  int vertical() {
    return vertical;
  }

  int tableNumber() {
    return tableNumber;
  }

  /** Samples across that are in the picture. */
  int width() {
    return width;
  }

  /** Rows of samples that are in the picture. */
  int height() {
    return height;
  }

  /** The samples, row by row, {@link #stride} apart. */
  byte[] samples() {
    return samples;
  }

  int stride() {
    return 8 * columns;
  }

  /**
   * The coefficients of a block where {@link #block} says; of a sequential file those of the last
   * block only.
   */
  short[] coefficients() {
    return coefficients;
  }

  /** Where the coefficients of a block are in a progressive file. */
  int block(int column, int row) {
    return 64 * (row * columns + column);
  }

  /**
   * Keeps the steps that are defined when the first scan of this component begins, as libjpeg does.
   */
  void keepSteps(int[] table) {
    if (steps.length == 0) {
      steps = table;
    }
  }

  /** Turns the coefficients of a progressive file into samples. */
  void transformAll() {
    if (steps.length == 0) {
      return;
    }
    for (int block = 0; block < coefficients.length / 64; block++) {
      transform(64 * block, block % columns, block / columns, 63);
    }
  }

  /**
   * Turns the coefficients at {@code from}, of which none is behind {@code last} in the file's
   * order, into samples.
   */
  void transform(int from, int column, int row, int last) {
    int to = 8 * (row * stride() + column);
    if (last == 0) {
      JpegTransform.fill(coefficients[from] * steps[0], samples, to, stride());
    } else {
      JpegTransform.transform(coefficients, from, steps, samples, to, stride());
    }
  }
}
