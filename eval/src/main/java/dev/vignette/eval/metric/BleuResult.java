package dev.vignette.eval.metric;

import java.util.List;

/**
 * BLEU of one order: a corpus figure comes from the counts of all its images, not from their
 * figures.
 *
 * @param order 1 to 4
 * @param counts what was counted, an image each
 */
record BleuResult(int order, List<BleuCounts> counts) implements MetricResult {

  BleuResult {
    if (order < 1 || order > Bleu.NAMES.size()) {
      throw new IllegalArgumentException("BLEU is of order 1 to 4, not " + order);
    }
    counts = List.copyOf(counts);
  }

  @Override
  public String name() {
    return Bleu.NAMES.get(order - 1);
  }

  @Override
  public double corpus() {
    int[] all = new int[counts.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return of(all);
  }

  @Override
  public int size() {
    return counts.size();
  }

  @Override
  public double image(int index) {
    return of(new int[] {index});
  }

  @Override
  public double of(int[] images) {
    long length = 0;
    long reference = 0;
    long[] guessed = new long[order];
    long[] correct = new long[order];
    for (int image : images) {
      BleuCounts count = counts.get(image);
      length += count.length();
      reference += count.reference();
      for (int n = 0; n < order; n++) {
        guessed[n] += count.guessed(n + 1);
        correct[n] += count.correct(n + 1);
      }
    }
    return Bleu.score(order, length, reference, guessed, correct);
  }
}
