package dev.vignette.attention;

/**
 * What is looked at when nobody says: for models that were measured ({@code vignette attend
 * evaluate}, docs/benchmarks.md), the layer and head whose words point best at what they name.
 *
 * @param selection layers and heads
 * @param view how their maps are looked at
 */
public record AttentionDefault(AttentionSelection selection, MapView view) {
  /** For models that were not measured: the mean of all, over the mean of the words. */
  public static final AttentionDefault UNMEASURED =
      new AttentionDefault(AttentionSelection.MEAN, MapView.RELATIVE);

  /** One head of one layer, as it is. */
  public static AttentionDefault head(int layer, int head) {
    return new AttentionDefault(
        AttentionSelection.parse(Integer.toString(layer), Integer.toString(head)), MapView.RAW);
  }
}
