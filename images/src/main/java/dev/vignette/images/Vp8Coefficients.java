package dev.vignette.images;

import dev.vignette.images.Vp8Header.Vp8Quantizer;
import java.util.Arrays;

/** Reads and scales the coefficients of macroblocks (RFC 6386, 13 and 14). */
final class Vp8Coefficients {
  /** Blocks of 4 x 4 in a macroblock: 16 of luma, 4 of each chroma. */
  static final int BLOCKS = 24;

  private static final int LUMA_AFTER_AVERAGES = 0;
  private static final int AVERAGES = 1;
  private static final int CHROMA = 2;
  private static final int LUMA = 3;

  private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
  private static final int[] BAND = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
  private static final int[][] EXTRA_BITS = {
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  /** Entries of the contexts: 4 of luma, 2 of each chroma, 1 of the averages. */
  private static final int CONTEXT = 9;

  private final Vp8Header header;
  private final int[] probabilities;
  private final int[] above;
  private final int[] left = new int[CONTEXT];
  private final short[] values = new short[16 * BLOCKS];
  private final int[] extents = new int[BLOCKS];
  private final short[] averages = new short[16];

  Vp8Coefficients(Vp8Header header, int columns) {
    this.header = header;
    this.probabilities = header.probabilities();
    this.above = new int[CONTEXT * columns];
  }

  /** Begins a row of macroblocks. */
  void startRow() {
    Arrays.fill(left, 0);
  }

  /** The coefficients of the macroblock read last: (BLOCKS, 16). */
  short[] values() {
    return values;
  }

  /** Passes over a macroblock without coefficients. */
  void skip(int column, boolean inBlocks) {
    int kept = inBlocks ? CONTEXT - 1 : CONTEXT; // without averages, their context stays
    Arrays.fill(above, CONTEXT * column, CONTEXT * column + kept, 0);
    Arrays.fill(left, 0, kept, 0);
    Arrays.fill(extents, 0);
  }

  /** How far the coefficients of each block reach: 0 for none, 1 for the first only; (BLOCKS). */
  int[] extents() {
    return extents;
  }

  /** Reads a macroblock; returns whether any coefficient is there. */
  boolean read(Vp8BoolDecoder data, int column, Vp8Modes modes) {
    Arrays.fill(values, (short) 0);
    Vp8Quantizer quantizer = header.quantizer(modes.segment());
    int context = CONTEXT * column;
    if (!modes.inBlocks()) {
      readAverages(data, context + 8, quantizer);
    }
    int first = modes.inBlocks() ? 0 : 1;
    int kind = modes.inBlocks() ? LUMA : LUMA_AFTER_AVERAGES;
    boolean any = false;
    for (int block = 0; block < 16; block++) {
      int x = context + (block & 3);
      int y = block >> 2;
      int behind =
          readBlock(
              data, kind, above[x] + left[y], first, quantizer.lumaDc(), quantizer.lumaAc(), block);
      above[x] = left[y] = behind > first ? 1 : 0;
      any |= extents[block] > 0;
    }
    for (int block = 16; block < BLOCKS; block++) {
      int plane = 4 + (block - 16 >> 2) * 2;
      int x = context + plane + (block & 1);
      int y = plane + (block >> 1 & 1);
      int behind =
          readBlock(
              data,
              CHROMA,
              above[x] + left[y],
              0,
              quantizer.chromaDc(),
              quantizer.chromaAc(),
              block);
      above[x] = left[y] = behind > 0 ? 1 : 0;
      any |= extents[block] > 0;
    }
    return any;
  }

  private void readAverages(Vp8BoolDecoder data, int context, Vp8Quantizer quantizer) {
    Arrays.fill(averages, (short) 0);
    int behind =
        read(
            data,
            AVERAGES,
            above[context] + left[8],
            0,
            quantizer.averageDc(),
            quantizer.averageAc(),
            averages,
            0);
    above[context] = left[8] = behind > 0 ? 1 : 0;
    Vp8Transform.spreadAverages(averages, values);
  }

  private int readBlock(
      Vp8BoolDecoder data, int kind, int context, int first, int dcStep, int acStep, int block) {
    int behind = read(data, kind, context, first, dcStep, acStep, values, 16 * block);
    extents[block] = behind > 1 ? behind : values[16 * block] != 0 ? 1 : 0;
    return behind;
  }

  /**
   * Reads a block to {@code out} from {@code at} on; returns the place behind its last coefficient.
   */
  private int read(
      Vp8BoolDecoder data,
      int kind,
      int context,
      int first,
      int dcStep,
      int acStep,
      short[] out,
      int at) {
    int place = first;
    int node = node(kind, place, context);
    while (place < 16) {
      if (data.bit(probabilities[node]) == 0) {
        return place;
      }
      while (data.bit(probabilities[node + 1]) == 0) {
        place++;
        if (place == 16) {
          return 16;
        }
        node = node(kind, place, 0);
      }
      int value = data.bit(probabilities[node + 2]) == 0 ? 1 : readLarge(data, node);
      int step = place == 0 ? dcStep : acStep;
      out[at + ZIGZAG[place]] = (short) ((data.flag() ? -value : value) * step);
      place++;
      node = node(kind, place, value == 1 ? 1 : 2);
    }
    return 16;
  }

  private static int node(int kind, int place, int context) {
    return ((kind * WebpTables.BANDS + BAND[place]) * WebpTables.CONTEXTS + context)
        * WebpTables.NODES;
  }

  private int readLarge(Vp8BoolDecoder data, int node) {
    if (data.bit(probabilities[node + 3]) == 0) {
      return data.bit(probabilities[node + 4]) == 0 ? 2 : 3 + data.bit(probabilities[node + 5]);
    }
    if (data.bit(probabilities[node + 6]) == 0) {
      if (data.bit(probabilities[node + 7]) == 0) {
        return 5 + data.bit(159);
      }
      return 7 + 2 * data.bit(165) + data.bit(145);
    }
    int high = data.bit(probabilities[node + 8]);
    int category = 2 * high + data.bit(probabilities[node + 9 + high]);
    int extra = 0;
    for (int probability : EXTRA_BITS[category]) {
      extra = 2 * extra + data.bit(probability);
    }
    return 3 + (8 << category) + extra;
  }
}
