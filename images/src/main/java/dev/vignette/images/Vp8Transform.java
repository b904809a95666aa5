package dev.vignette.images;

/** VP8's inverse transforms (RFC 6386, 14.3 and 14.4). */
final class Vp8Transform {
  private Vp8Transform() {}

  /**
   * The inverse Walsh-Hadamard transform of the averages: (4, 4) to the first coefficient of 16
   * blocks of 16.
   */
  static void spreadAverages(short[] averages, short[] blocks) {
    int[] columns = new int[16];
    for (int i = 0; i < 4; i++) {
      int a = averages[i] + averages[12 + i];
      int b = averages[4 + i] + averages[8 + i];
      int c = averages[4 + i] - averages[8 + i];
      int d = averages[i] - averages[12 + i];
      columns[i] = a + b;
      columns[4 + i] = c + d;
      columns[8 + i] = a - b;
      columns[12 + i] = d - c;
    }
    for (int i = 0; i < 16; i += 4) {
      int a = columns[i] + columns[i + 3] + 3;
      int b = columns[i + 1] + columns[i + 2];
      int c = columns[i + 1] - columns[i + 2];
      int d = columns[i] - columns[i + 3] + 3;
      blocks[16 * i] = (short) (a + b >> 3);
      blocks[16 * i + 16] = (short) (d + c >> 3);
      blocks[16 * i + 32] = (short) (a - b >> 3);
      blocks[16 * i + 48] = (short) (d - c >> 3);
    }
  }

  /**
   * Adds the inverse cosine transform of the 16 coefficients at {@code from} to the 4 x 4 samples
   * at {@code to}.
   */
  static void addBlock(short[] coefficients, int from, byte[] samples, int to, int stride) {
    int[] columns = new int[16];
    for (int i = 0; i < 4; i++) {
      int at = from + i;
      int a = coefficients[at] + coefficients[at + 8];
      int b = coefficients[at] - coefficients[at + 8];
      int c = timesSine(coefficients[at + 4]) - timesCosine(coefficients[at + 12]);
      int d = timesCosine(coefficients[at + 4]) + timesSine(coefficients[at + 12]);
      columns[i] = a + d;
      columns[4 + i] = b + c;
      columns[8 + i] = b - c;
      columns[12 + i] = a - d;
    }
    for (int i = 0; i < 4; i++) {
      int row = 4 * i;
      int a = columns[row] + columns[row + 2] + 4;
      int b = columns[row] - columns[row + 2] + 4;
      int c = timesSine(columns[row + 1]) - timesCosine(columns[row + 3]);
      int d = timesCosine(columns[row + 1]) + timesSine(columns[row + 3]);
      int at = to + i * stride;
      add(samples, at, a + d >> 3);
      add(samples, at + 1, b + c >> 3);
      add(samples, at + 2, b - c >> 3);
      add(samples, at + 3, a - d >> 3);
    }
  }

  /** Adds what {@link #addBlock} would if only the first coefficient, {@code average}, is there. */
  static void addAverage(int average, byte[] samples, int to, int stride) {
    int change = average + 4 >> 3;
    for (int row = to; row < to + 4 * stride; row += stride) {
      for (int i = row; i < row + 4; i++) {
        add(samples, i, change);
      }
    }
  }

  private static void add(byte[] samples, int at, int change) {
    samples[at] = (byte) Math.clamp((samples[at] & 0xFF) + change, 0, 255);
  }

  /** Times sqrt(2) cos(pi / 8), in 16 bits behind the point. */
  private static int timesCosine(int value) {
    return (value * 20091 >> 16) + value;
  }

  /** Times sqrt(2) sin(pi / 8), in 16 bits behind the point. */
  private static int timesSine(int value) {
    return value * 35468 >> 16;
  }
}
