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
}
