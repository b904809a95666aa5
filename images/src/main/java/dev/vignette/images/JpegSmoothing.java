package dev.vignette.images;

import java.util.Arrays;
import java.util.List;

/**
 * Estimates the first coefficients of a block that the scans of a progressive file have not told,
 * from the means of the blocks around it: what libjpeg-turbo 3.1 does with such a file
 * (decompress_smooth_data of jdcoefct.c), after ITU-T T.81, K.8, over 5 x 5 blocks.
 */
final class JpegSmoothing {
  /** Blocks around one in each direction. */
  private static final int REACH = 2;

  /** Where the first nine coefficients behind the mean are in a block, in the file's order. */
  private static final int[] PLACES = {1, 8, 16, 9, 2, 3, 10, 17, 24};

  private static final int[][] ACROSS = {
    {-1, -1, 0, 1, 1},
    {-3, 13, 0, -13, 3},
    {-3, 38, 0, -38, 3},
    {-3, 13, 0, -13, 3},
    {-1, -1, 0, 1, 1}
  };
  private static final int[][] TWICE_DOWN = {
    {0, 0, 1, 0, 0}, {0, 2, 7, 2, 0}, {0, -5, -14, -5, 0}, {0, 2, 7, 2, 0}, {0, 0, 1, 0, 0}
  };
  private static final int[][] BOTH = {
    {-1, 0, 0, 0, 1}, {0, 9, 0, -9, 0}, {0, 0, 0, 0, 0}, {0, -9, 0, 9, 0}, {1, 0, 0, 0, -1}
  };
  private static final int[][] THRICE_ACROSS = {
    {0, 0, 0, 0, 0}, {0, 1, 0, -1, 0}, {0, 2, 0, -2, 0}, {0, 1, 0, -1, 0}, {0, 0, 0, 0, 0}
  };
  private static final int[][] TWICE_ACROSS_AND_DOWN = {
    {0, 0, 0, 0, 0}, {0, 1, -3, 1, 0}, {0, 0, 0, 0, 0}, {0, -1, 3, -1, 0}, {0, 0, 0, 0, 0}
  };

  /** Where nothing but means is known, these give all nine, and {@link #MEAN} the mean itself. */
  private static final int[][][] OF_MEANS = {
    ACROSS,
    transposed(ACROSS),
    TWICE_DOWN,
    BOTH,
    transposed(TWICE_DOWN),
    THRICE_ACROSS,
    TWICE_ACROSS_AND_DOWN,
    transposed(TWICE_ACROSS_AND_DOWN),
    transposed(THRICE_ACROSS)
  };

  private static final int[][] MEAN = {
    {-2, -6, -8, -6, -2},
    {-6, 6, 42, 6, -6},
    {-8, 42, 152, 42, -8},
    {-6, 6, 42, 6, -6},
    {-2, -6, -8, -6, -2}
  };

  private static final int[][] ALONG = {
    {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {-7, 50, 0, -50, 7}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}
  };
  private static final int[][] TWICE_ALONG = {
    {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {-1, 13, -24, 13, -1}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}
  };
  private static final int[][] DIAGONAL = {
    {0, -1, 0, 1, 0}, {-1, 10, 0, -10, 1}, {0, 0, 0, 0, 0}, {1, -10, 0, 10, -1}, {0, 1, 0, -1, 0}
  };

  /** Where others are known, these give the five that lead. */
  private static final int[][][] BESIDE_OTHERS = {
    ALONG, transposed(ALONG), transposed(TWICE_ALONG), DIAGONAL, TWICE_ALONG
  };

  private final int[] unknownBits;
  private final int[] steps;
  private final boolean onlyMeans;
  private final short[] block = new short[64];
  private final int[][] means = new int[2 * REACH + 1][2 * REACH + 1];

  /**
   * For a component.
   *
   * @param unknownBits of each coefficient in the file's order; -1 where it has come in no scan
   * @param steps by which coefficients are multiplied
   */
  JpegSmoothing(int[] unknownBits, int[] steps) {
    this.unknownBits = unknownBits;
    this.steps = steps;
    this.onlyMeans = Arrays.stream(unknownBits, 1, PLACES.length + 1).allMatch(bits -> bits < 0);
  }

  private static int[][] transposed(int[][] kernel) {
    int[][] result = new int[kernel.length][kernel.length];
    for (int y = 0; y < kernel.length; y++) {
      for (int x = 0; x < kernel.length; x++) {
        result[x][y] = kernel[y][x];
      }
    }
    return result;
  }

  /** Whether coefficients that could be estimated are not known, and all means are. */
  static boolean helps(List<int[]> unknownBits) {
    return unknownBits.stream().allMatch(bits -> bits[0] >= 0)
        && unknownBits.stream()
            .anyMatch(
                bits -> Arrays.stream(bits, 1, PLACES.length + 1).anyMatch(left -> left != 0));
  }

  /**
   * The block of a column with estimates in it, good until the next call.
   *
   * @param rows of coefficients: two above, its own, two below
   * @param last the last column of the picture
   */
  short[] estimated(short[][] rows, int column, int last) {
    System.arraycopy(rows[REACH], 64 * column, block, 0, 64);
    for (int y = 0; y < rows.length; y++) {
      for (int x = 0; x < rows.length; x++) {
        means[y][x] = rows[y][64 * Math.clamp(column + x - REACH, 0, last)];
      }
    }
    int[][][] kernels = onlyMeans ? OF_MEANS : BESIDE_OTHERS;
    for (int i = 0; i < kernels.length; i++) {
      int place = PLACES[i];
      if (unknownBits[i + 1] != 0 && block[place] == 0) {
        block[place] = estimate(kernels[i], steps[place], unknownBits[i + 1]);
      }
    }
    if (onlyMeans) {
      block[0] = estimate(MEAN, steps[0], 0);
    }
    return block;
  }

  /** A 256th of what the kernel gives, in steps; no more than the bits that are not known. */
  private short estimate(int[][] kernel, int step, int bits) {
    long sum = 0;
    for (int y = 0; y < kernel.length; y++) {
      for (int x = 0; x < kernel.length; x++) {
        sum += (long) kernel[y][x] * means[y][x];
      }
    }
    sum *= steps[0];
    int size = (int) (((step << 7) + Math.abs(sum)) / (step << 8));
    if (bits > 0) {
      size = Math.min(size, (1 << bits) - 1);
    }
    return (short) (sum < 0 ? -size : size);
  }
}
