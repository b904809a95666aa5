package dev.vignette.eval.metric;

/**
 * What BLEU counts in one image.
 *
 * @param length words of the candidate
 * @param reference words of the reference closest in length
 * @param correct1 words of the candidate that a reference has
 * @param correct2 likewise bigrams
 * @param correct3 likewise trigrams
 * @param correct4 likewise 4-grams
 */
public record BleuCounts(
    int length, int reference, int correct1, int correct2, int correct3, int correct4) {

  public BleuCounts {
    if (length < 0 || reference < 0 || correct1 > length || Math.min(correct1, correct4) < 0) {
      throw new IllegalArgumentException(
          "Counts are from 0 up to the candidate's length, these are %d correct of %d, reference %d"
              .formatted(correct1, length, reference));
    }
  }

  /** N-grams of an order from 1 to 4 that the candidate has. */
  public int guessed(int order) {
    return Math.max(0, length - order + 1);
  }

  /** N-grams of an order from 1 to 4 that a reference has too. */
  public int correct(int order) {
    return switch (order) {
      case 1 -> correct1;
      case 2 -> correct2;
      case 3 -> correct3;
      default -> correct4;
    };
  }
}
