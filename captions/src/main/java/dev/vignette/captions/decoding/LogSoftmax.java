package dev.vignette.captions.decoding;

/**
 * Log-probabilities of logits.
 *
 * <p>A vocabulary of 32,000 is summed for every token of every beam, and {@link Math#exp} would
 * cost more than the rest of the search; so e^x is computed in plain float arithmetic without
 * branches or tables, in loops that the virtual machine vectorizes: e^x = (e^(x/32))^32, the inner
 * one by its Taylor series around the middle of its range. Its relative error is below 10^-5;
 * log-probabilities are off by a few 10^-6.
 */
final class LogSoftmax {

  /**
   * Terms smaller than e^-28 of the largest count as that much: 32,000 of them change the sum by
   * 10^-8.
   */
  private static final float LEAST = -28f;

  private static final float SCALE = 1f / 32;
  private static final float MIDDLE = LEAST * SCALE / 2;

  // e^MIDDLE / k!: the first term left out is under 10^-7 of the sum.
  private static final float C0 = 0.6456485264f;
  private static final float C1 = 0.6456485264f;
  private static final float C2 = 0.3228242632f;
  private static final float C3 = 0.1076080877f;
  private static final float C4 = 0.02690202193f;
  private static final float C5 = 0.005380404387f;
  private static final float C6 = 0.0008967340645f;
  private static final float C7 = 0.0001281048664f;

  private LogSoftmax() {}

  /**
   * The number to subtract from each of the first {@code count} logits to get its log-probability.
   */
  static float normalizer(float[] logits, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[i]);
    }
    return max + (float) Math.log(sumOfExponentials(logits, count, max));
  }

  /** In blocks, each summed in float and all of them in double: fast and exact enough. */
  private static double sumOfExponentials(float[] logits, int count, float max) {
    double sum = 0;
    float[] terms = new float[1024];
    for (int from = 0; from < count; from += terms.length) {
      int n = Math.min(terms.length, count - from);
      exponentials(logits, from, n, max, terms);
      sum += sum(terms, n);
    }
    return sum;
  }

  private static void exponentials(float[] logits, int from, int n, float max, float[] terms) {
    for (int i = 0; i < n; i++) {
      terms[i] = exp(logits[from + i] - max);
    }
  }

  /** Four sums at a time, so that one addition need not wait for the other. */
  private static double sum(float[] terms, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      a += terms[i];
      b += terms[i + 1];
      c += terms[i + 2];
      d += terms[i + 3];
    }
    for (; i < n; i++) {
      a += terms[i];
    }
    return (double) a + b + c + d;
  }

  /** e^x for x from -28 to 0; e^-28 below. */
  static float exp(float x) {
    float z = Math.max(x, LEAST) * SCALE - MIDDLE;
    float root = C0 + z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * (C6 + z * C7))))));
    float p2 = root * root;
    float p4 = p2 * p2;
    float p8 = p4 * p4;
    float p16 = p8 * p8;
    return p16 * p16;
  }

  /** Turns the first {@code count} logits into log-probabilities in place. */
  static void apply(float[] logits, int count) {
    float normalizer = normalizer(logits, count);
    for (int i = 0; i < count; i++) {
      logits[i] -= normalizer;
    }
  }
}
