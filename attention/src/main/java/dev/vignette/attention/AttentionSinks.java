package dev.vignette.attention;

import java.util.Arrays;
import java.util.List;

/**
 * Finds attention sinks: patches that draw much attention whatever the word is, usually of plain
 * background, where transformers keep what they need elsewhere (Kang et al., "See What You Are
 * Told: Visual Attention Sink in Large Multimodal Models", ICLR 2025; Darcet et al., "Vision
 * Transformers Need Registers", ICLR 2024). Those papers know them by their hidden states; from
 * attention alone they are known by two things together: they stand far out of the grid, and they
 * do so for the typical word, not only in the mean, into which one word's object may put as much.
 *
 * <p>So the patch's median over the words, each word's map over its mean, must lie above the grid's
 * median by {@link #DEVIATIONS} robust standard deviations and by the factor {@link #TIMES}, both
 * on a logarithmic scale, since attention spans orders of magnitude. The deviation is the median
 * absolute one times 1.4826, and 3.5 of them is the usual bound for outliers (Iglewicz and Hoaglin,
 * "How to Detect and Handle Outliers", 1993).
 */
final class AttentionSinks {
  /** Robust standard deviations above the median, from which on a patch is a sink. */
  static final double DEVIATIONS = 3.5;

  /** How many times the median patch a sink has at least. */
  static final double TIMES = 10;

  /** In fewer words nothing tells a sink from an object that they all speak of. */
  static final int FEWEST_WORDS = 3;

  /** Less than this part of the mean patch counts as this part, so that 0 has a logarithm. */
  static final double FLOOR = 0.01;

  /** Of normally distributed numbers, the standard deviation over the median absolute one. */
  static final double MEDIAN_DEVIATION = 1.4826;

  private AttentionSinks() {}

  /** Which patches are sinks of these words, (side · side); fewer than half of them. */
  static boolean[] of(WordMaps words) {
    List<PatchMap> spoken = words.spoken();
    double[] typical = typical(spoken);
    double mean = Arrays.stream(typical).average().orElse(0);
    boolean[] sinks = new boolean[typical.length];
    if (spoken.size() < FEWEST_WORDS || mean == 0) {
      return sinks;
    }
    double[] logs =
        Arrays.stream(typical).map(value -> Math.log(Math.max(value, FLOOR * mean))).toArray();
    double median = median(logs);
    double deviation =
        MEDIAN_DEVIATION * median(Arrays.stream(logs).map(log -> Math.abs(log - median)).toArray());
    double bound = median + Math.max(Math.log(TIMES), DEVIATIONS * deviation);
    for (int i = 0; i < sinks.length; i++) {
      sinks[i] = logs[i] > bound;
    }
    return sinks;
  }

  /** Each patch's lower median over the words, whose maps count alike. */
  private static double[] typical(List<PatchMap> maps) {
    double[][] scaled =
        maps.stream()
            .map(map -> AttentionRatio.scaled(map, new boolean[0]))
            .toArray(double[][]::new);
    double[] typical = new double[scaled[0].length];
    for (int i = 0; i < typical.length; i++) {
      int patch = i;
      typical[i] = median(Arrays.stream(scaled).mapToDouble(map -> map[patch]).toArray());
    }
    return typical;
  }

  /** The lower one of the two in the middle of an even number. */
  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(sorted.length - 1) / 2];
  }
}
