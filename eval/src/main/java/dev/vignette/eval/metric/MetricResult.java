package dev.vignette.eval.metric;

/** One metric over the images of a corpus. */
public interface MetricResult {
  /** Its name as people write it: {@code CIDEr}, {@code BLEU-4}. */
  String name();

  /** The figure of the whole corpus. */
  double corpus();

  /** How many images were scored. */
  int size();

  /** The figure of one image, by its place in the corpus. */
  double image(int index);

  /**
   * The figure of a corpus of the given images, by their places; an image may be there more than
   * once.
   */
  double of(int[] images);

  /**
   * A metric whose corpus figure is the mean over its images.
   *
   * @param name its name
   * @param scores a score an image; not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // a column of numbers, never compared
  record MeanResult(String name, double[] scores) implements MetricResult {

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
}
