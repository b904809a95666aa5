package dev.vignette.eval.metric;

import java.util.stream.IntStream;

/**
 * BLEU of one order: a corpus figure comes from the counts of all its images, not from their
 * figures.
 *
 * @param order 1 to 4
 * @param table what was counted
 */
record BleuResult(int order, BleuTable table) implements MetricResult {

  BleuResult {
    if (order < 1 || order > Bleu.NAMES.size()) {
      throw new IllegalArgumentException("BLEU is of order 1 to 4, not " + order);
    }
  }

  @Override
  public String name() {
    return Bleu.NAMES.get(order - 1);
  }

  @Override
  public double corpus() {
    return of(IntStream.range(0, size()).toArray());
  }

  @Override
  public int size() {
    return table.size();
  }

  @Override
  public double image(int index) {
    return of(new int[] {index});
  }

  @Override
  public double of(int[] images) {
    return table.score(order, images);
  }
}
