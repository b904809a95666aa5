package dev.vignette.eval.metric;

/**
 * A metric whose corpus figure is the mean over its images.
 *
 * @param name its name
 * @param scores a score an image; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // a column of numbers, never compared
public record MeanResult(String name, double[] scores) implements MetricResult {

  public MeanResult {
    if (scores.length == 0) {
      throw new IllegalArgumentException("%s has no image to be the mean of".formatted(name));
    }
  }

  @Override
  public double corpus() {
    return PairwiseSum.mean(scores);
  }

  @Override
  public int size() {
    return scores.length;
  }

  @Override
  public double image(int index) {
    return scores[index];
  }

  @Override
  public double of(int[] images) {
    double sum = 0;
    for (int image : images) {
      sum += scores[image];
    }
    return sum / images.length;
  }
}
