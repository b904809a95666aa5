package dev.vignette.attention;

/**
 * A map over another one, patch by patch. Both are scaled to a mean of 1 first, so that the ratio
 * is about where a word looks, not how much it looks at the image at all, and 1 says nothing.
 */
final class AttentionRatio {
  /**
   * What is added above and below, in means of the grid: a patch that neither map cares for is
   * nearly 1, not the ratio of two tiny numbers.
   */
  static final double SMOOTHING = 0.1;

  private AttentionRatio() {}

  /**
   * The ratio; finite and above 0. Sinks are 1 and count in neither mean.
   *
   * @param sinks (side · side)
   */
  static PatchMap of(PatchMap map, PatchMap reference, boolean[] sinks) {
    if (map.side() != reference.side()) {
      throw new IllegalArgumentException(
          "Maps of sides %d and %d have no ratio".formatted(map.side(), reference.side()));
    }
    double[] above = scaled(map, sinks);
    double[] below = scaled(reference, sinks);
    float[] ratio = new float[above.length];
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] = sinks[i] ? 1 : (float) ((above[i] + SMOOTHING) / (below[i] + SMOOTHING));
    }
    return new PatchMap(map.side(), ratio);
  }

  /**
   * The map over its mean, sinks left out of that; 1 everywhere if there is nothing. Below 0 counts
   * as 0.
   *
   * @param sinks (side · side), or empty for none
   */
  static double[] scaled(PatchMap map, boolean[] sinks) {
    float[] values = map.values();
    double sum = 0;
    int counted = 0;
    for (int i = 0; i < values.length; i++) {
      if (sinks.length == 0 || !sinks[i]) {
        sum += Math.max(0, values[i]);
        counted++;
      }
    }
    double[] scaled = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = sum > 0 ? Math.max(0, values[i]) / (sum / counted) : 1;
    }
    return scaled;
  }
}
