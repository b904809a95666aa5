package dev.vignette.images;

import dev.vignette.images.JpegScan.JpegSpectrum;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One component of a JPEG frame: its samples in blocks of 8 x 8, and while a progressive file is
 * read, its coefficients. Luma has the most samples as a rule, chroma half as many across, down, or
 * both. Samples of a progressive file are made from the coefficients when they are asked for, a few
 * rows at a time, so that there is never memory for both.
 */
final class JpegComponent {
  /** Rows of blocks whose samples of a progressive file are kept; a power of 2. */
  private static final int WINDOW = 4;

  private static final int WHOLE = -1;

  /** A coefficient's upper bits come in one scan, and its 13 others at most one by one. */
  private static final int MOST_SCANS = 14;

  private static final byte[] NONE = {};
  private static final short[] TRANSFORMED = {};
  private static final int[] NOTHING = {};

  private final int id;
  private final int horizontal;
  private final int vertical;
  private final int tableNumber;
  private int width;
  private int height;
  private int columns;
  private byte[] samples = NONE;
  private int windowMask = WHOLE;
  private int transformedRows;
  private short[][] coefficients = {};
  private int coefficientVisits;
  private final int[] unknownBits = new int[64];
  private int[] unknownBefore = NOTHING;
  private @Nullable JpegSmoothing smoothing;
  private @Nullable JpegSmoothing smoothingBelow;
  private int lastWholeUnits;
  private int[] steps = {};
  private final int[] work = new int[64];

  JpegComponent(int id, int horizontal, int vertical, int tableNumber) {
    this.id = id;
    this.horizontal = horizontal;
    this.vertical = vertical;
    this.tableNumber = tableNumber;
    Arrays.fill(unknownBits, -1);
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
    int rows = unitRows * vertical;
    if (progressive) {
      coefficients = new short[rows][64 * columns];
      windowMask = WINDOW - 1;
      samples = new byte[WINDOW * 64 * columns];
    } else {
      transformedRows = rows;
      samples = new byte[64 * columns * rows];
    }
    Arrays.fill(samples, (byte) 128);
  }

  /** The bytes that {@link #allocate} takes. */
  long footprint(int unitColumns, int unitRows, boolean progressive) {
    long blocks = (long) unitColumns * horizontal * unitRows * vertical;
    return progressive ? 64 * Short.BYTES * blocks : 64 * blocks;
  }

  /**
   * Counts a scan and refuses the file if the standard has no use for so many: each of the 64
   * coefficients comes in at most {@value #MOST_SCANS} (T.81, G.1.2.1), so that no whole file is
   * refused and the work stays in proportion to the pixels.
   *
   * @param first whether it is the file's first scan
   */
  void countVisit(JpegSpectrum spectrum, boolean first, ImageFile file) {
    coefficientVisits += spectrum.last() - spectrum.first() + 1;
    if (coefficientVisits > 64 * MOST_SCANS) {
      throw file.damaged(
          "its scans go through the same coefficients again and again, and JPEG has them in at most %d scans"
              .formatted(MOST_SCANS));
    }
    unknownBefore = first ? new int[64] : unknownBits.clone();
    Arrays.fill(unknownBits, spectrum.first(), spectrum.last() + 1, spectrum.shift());
  }

  /** The lower bits of each coefficient that no scan has told, in the file's order; -1 for all. */
  int[] unknownBits() {
    return unknownBits;
  }

  /** Whether all steps are such that coefficients can be estimated. */
  boolean hasSteps() {
    return steps.length > 0 && Arrays.stream(steps).allMatch(step -> step > 0);
  }

  /**
   * Estimates what is not known of a progressive file from now on.
   *
   * @param lastUnits the last row of units that the last scan has data of; below it counts what was
   *     known before this component's last scan
   * @param single whether the file has one scan only
   */
  void smooth(int lastUnits, boolean single) {
    int[] before = single ? new int[64] : unknownBefore;
    if (single) {
      Arrays.fill(before, -1);
    }
    smoothing = new JpegSmoothing(unknownBits, steps);
    smoothingBelow = new JpegSmoothing(before, steps);
    lastWholeUnits = lastUnits;
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

  /** The samples, of which those of a row are where {@link #row} says. */
  byte[] samples() {
    return samples;
  }

  /** Where the samples of row {@code y} are, good until a row more than 16 below is asked for. */
  int row(int y) {
    int rowOfBlocks = y >> 3;
    while (transformedRows <= rowOfBlocks) {
      transformRow(transformedRows++);
    }
    return 8 * (rowOfBlocks & windowMask) * stride() + (y & 7) * stride();
  }

  int stride() {
    return 8 * columns;
  }

  /** The coefficients of a row of blocks of a progressive file, those of a block 64 apart. */
  short[] coefficients(int rowOfBlocks) {
    return coefficients[rowOfBlocks];
  }

  /**
   * Keeps the steps that are defined when the first scan of this component begins, as libjpeg does.
   */
  void keepSteps(int[] table) {
    if (steps.length == 0) {
      steps = table;
    }
  }

  /** Turns a row of blocks of a progressive file into samples and lets go of the coefficients. */
  private void transformRow(int rowOfBlocks) {
    if (steps.length == 0) {
      return; // no scan was of this component
    }
    JpegSmoothing estimates = rowOfBlocks / vertical > lastWholeUnits ? smoothingBelow : smoothing;
    if (estimates != null) {
      transformRow(rowOfBlocks, estimates);
      return;
    }
    short[] row = coefficients[rowOfBlocks];
    for (int column = 0; column < columns; column++) {
      transform(row, 64 * column, column, rowOfBlocks & windowMask, 63);
    }
    coefficients[rowOfBlocks] = TRANSFORMED;
  }

  /** The same with estimates, for which the coefficients of rows around it are kept. */
  private void transformRow(int rowOfBlocks, JpegSmoothing estimates) {
    short[][] rows = new short[5][];
    // As libjpeg counts, whose last row of units has fewer rows of blocks.
    int unitRow = rowOfBlocks / vertical;
    int units = coefficients.length / vertical;
    int rest = Math.ceilDiv(height, 8) % vertical;
    int down = unitRow == units - 1 && rest > 0 ? rest : vertical;
    int counted = unitRow * down + rowOfBlocks % vertical;
    int last = units * down - 1;
    for (int y = -2; y <= 2; y++) {
      int neighbour = rowOfBlocks + Math.clamp(counted + y, 0, last) - counted;
      rows[y + 2] = coefficients[Math.clamp(neighbour, 0, coefficients.length - 1)];
    }
    int lastColumn = Math.ceilDiv(width, 8) - 1;
    for (int column = 0; column <= lastColumn; column++) {
      short[] block = estimates.estimated(rows, column, lastColumn);
      transform(block, 0, column, rowOfBlocks & windowMask, 63);
    }
  }

  /**
   * Turns the coefficients of {@code block} at {@code from}, of which none is behind {@code last}
   * in the file's order, into samples.
   */
  void transform(short[] block, int from, int column, int row, int last) {
    int to = 8 * (row * stride() + column);
    if (last == 0) {
      JpegTransform.fill(block[from] * steps[0], samples, to, stride());
    } else {
      JpegTransform.transform(block, from, steps, work, samples, to, stride());
    }
  }
}
