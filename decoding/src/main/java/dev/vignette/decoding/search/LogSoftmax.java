package dev.vignette.decoding.search;

import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;

/**
 * Log-probabilities of logits.
 *
 * <p>A vocabulary of 32,000 is summed for every token of every beam, and {@link Math#exp} would
 * cost more than the rest of the search; so e^x is computed in plain float arithmetic without
 * branches or tables, in loops that the virtual machine vectorizes: e^x = (e^(x/32))^32, the inner
 * one by its Taylor series around the middle of its range. Its relative error is below 10^-5;
 * log-probabilities are off by a few 10^-6.
 *
 * <p>Not thread-safe: keeps its working memory.
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

  private final float[] terms;

  /** For logits of a vocabulary of this size. */
  LogSoftmax(int vocabularySize) {
    terms = new float[vocabularySize];
  }

  /** The number to subtract from each logit to get its log-probability. */
  float normalizer(float[] logits) {
    float max = max(logits);
    exponentials(logits, max, terms);
    return max + (float) Math.log(sum(terms));
  }

  /**
   * The same of logits that a decode gave.
   *
   * @throws InvalidLogitsException if one of them is not a number, or infinitely large, or all are
   *     the same
   */
  float normalizer(float[] logits, LogitRows source) {
    float normalizer = normalizer(logits);
    if (!Float.isFinite(normalizer)) {
      throw new InvalidLogitsException(source.model());
    }
    if (logits.length > 1 && areAllTheSame(logits)) {
      throw InvalidLogitsException.allTheSame(source.model());
    }
    return normalizer;
  }

  /** Ends at the first that differs, mostly the second. */
  private static boolean areAllTheSame(float[] logits) {
    int i = 1;
    while (i < logits.length && logits[i] == logits[0]) {
      i++;
    }
    return i == logits.length;
  }

  /** The largest value; not a number if one of them is none. Four at a time, as {@link #sum}. */
  static float max(float[] values) {
    float a = Float.NEGATIVE_INFINITY;
    float b = a;
    float c = a;
    float d = a;
    int i = 0;
    for (; i + 3 < values.length; i += 4) {
      a = Math.max(a, values[i]);
      b = Math.max(b, values[i + 1]);
      c = Math.max(c, values[i + 2]);
      d = Math.max(d, values[i + 3]);
    }
    for (; i < values.length; i++) {
      a = Math.max(a, values[i]);
    }
    return Math.max(Math.max(a, b), Math.max(c, d));
  }

  /**
   * Kept this plain: an offset into the array, or a block at a time, would keep it from being
   * vectorized.
   */
  private static void exponentials(float[] logits, float max, float[] terms) {
    for (int i = 0; i < terms.length; i++) {
      terms[i] = exp(logits[i] - max);
    }
  }

  /** Four sums at a time, so that one addition need not wait for the other. */
  private static double sum(float[] values) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < values.length; i += 4) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (; i < values.length; i++) {
      a += values[i];
    }
    return a + b + c + d;
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

  /** Turns logits into log-probabilities in place. */
  void apply(float[] logits) {
    float normalizer = normalizer(logits);
    for (int i = 0; i < logits.length; i++) {
      logits[i] -= normalizer;
    }
  }
}
