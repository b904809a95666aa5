package dev.vignette.eval.metric;

import dev.vignette.eval.metric.Bleu.BleuCounts;
import java.util.AbstractList;
import java.util.List;

/** What BLEU counted in many images, packed: all orders share it, and resamples sum it often. */
final class BleuTable {
  private static final int COLUMNS = 6;
  private static final int REFERENCE = 1;
  private static final int CORRECT = 2;

  /** By image: length, reference, correct 1 to 4. */
  private final int[] numbers;

  private BleuTable(int[] numbers) {
    this.numbers = numbers;
  }

  static BleuTable of(List<BleuCounts> counts) {
    int[] numbers = new int[Math.multiplyExact(counts.size(), COLUMNS)];
    int at = 0;
    for (BleuCounts count : counts) {
      numbers[at++] = count.length();
      numbers[at++] = count.reference();
      for (int order = 1; order <= CaptionNgrams.ORDERS; order++) {
        numbers[at++] = count.correct(order);
      }
    }
    return new BleuTable(numbers);
  }

  int size() {
    return numbers.length / COLUMNS;
  }

  /** The score of an order from 1 to 4 over some images. */
  double score(int order, int[] images) {
    long length = 0;
    long reference = 0;
    long[] guessed = new long[order];
    long[] correct = new long[order];
    for (int image : images) {
      int at = COLUMNS * image;
      length += numbers[at];
      reference += numbers[at + REFERENCE];
      for (int n = 0; n < order; n++) {
        guessed[n] += Math.max(0, numbers[at] - n);
        correct[n] += numbers[at + CORRECT + n];
      }
    }
    return Bleu.score(order, length, reference, guessed, correct);
  }

  /** What it was made of. */
  List<BleuCounts> counts() {
    return new AbstractList<>() {
      @Override
      public BleuCounts get(int image) {
        int at = COLUMNS * image + CORRECT;
        return new BleuCounts(
            numbers[at - CORRECT],
            numbers[at - REFERENCE],
            numbers[at],
            numbers[at + 1],
            numbers[at + 2],
            numbers[at + 3]);
      }

      @Override
      public int size() {
        return BleuTable.this.size();
      }
    };
  }
}
