package dev.vignette.eval.metric;

/**
 * Sums as numpy's {@code mean} adds them (numpy 1.9 and later, {@code pairwise_sum} of {@code
 * loops_utils.h.src}): corpus figures equal the reference's to the last bit.
 */
final class PairwiseSum {
  private static final int LANES = 8;
  private static final int BLOCK = 128;

  private PairwiseSum() {}

  /** The mean, NaN of nothing. */
  static double mean(double[] values) {
    return sum(values, 0, values.length) / values.length;
  }

  private static double sum(double[] values, int from, int count) {
    if (count < LANES) {
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        sum += values[i];
      }
      return sum;
    }
    if (count <= BLOCK) {
      return block(values, from, count);
    }
    int half = count / 2;
    half -= half % LANES;
    return sum(values, from, half) + sum(values, from + half, count - half);
  }

  private static double block(double[] values, int from, int count) {
    double[] lanes = new double[LANES];
    System.arraycopy(values, from, lanes, 0, LANES);
    int whole = count - count % LANES;
    for (int i = LANES; i < whole; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += values[from + i + lane];
      }
    }
    double sum =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
            + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    for (int i = whole; i < count; i++) {
      sum += values[from + i];
    }
    return sum;
  }
}
