package dev.vignette.captions.decoding;

/**
 * Log-probabilities of logits.
 *
 * <p>The exponential is a polynomial in float that the virtual machine can vectorize: a vocabulary
 * of 32,000 is summed for every token of every beam, and {@link Math#exp} would cost more than the
 * rest of the search. The relative error of e^x is below (2 + |x|) / 10^7, growing where a term's
 * weight falls faster; log-probabilities are off by about 10^-6.
 */
final class LogSoftmax {

  private static final float LOG2_E = 1.4426950408889634f;
  private static final float LEAST_EXPONENT = -126f;

  // exp2 on [-0.5, 0.5]: the Taylor coefficients ln(2)^k / k!; the first one left out is under 1e-8
  // there.
  private static final float C1 = 0.6931471805599453f;
  private static final float C2 = 0.2402265069591007f;
  private static final float C3 = 0.05550410866482158f;
  private static final float C4 = 0.009618129107628477f;
  private static final float C5 = 0.0013333558146428443f;
  private static final float C6 = 0.00015403530393381608f;
  private static final float C7 = 0.000015252733804059841f;

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
    float[] terms = new float[256];
    for (int block = 0; block < count; block += terms.length) {
      int n = Math.min(terms.length, count - block);
      for (int i = 0; i < n; i++) {
        terms[i] = exp(logits[block + i] - max);
      }
      float partial = 0;
      for (int i = 0; i < n; i++) {
        partial += terms[i];
      }
      sum += partial;
    }
    return sum;
  }

  /** e^x for x at most 0. */
  static float exp(float x) {
    float power = Math.max(x * LOG2_E, LEAST_EXPONENT);
    int whole = (int) (power - 0.5f);
    float r = power - whole;
    float fraction = 1f + r * (C1 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * (C6 + r * C7))))));
    return fraction * Float.intBitsToFloat((whole + 127) << 23);
  }

  /** Turns the first {@code count} logits into log-probabilities in place. */
  static void apply(float[] logits, int count) {
    float normalizer = normalizer(logits, count);
    for (int i = 0; i < count; i++) {
      logits[i] -= normalizer;
    }
  }
}
