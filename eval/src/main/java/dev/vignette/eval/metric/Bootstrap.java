package dev.vignette.eval.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Bootstrap over images (Efron; paired: Koehn 2004): corpora of as many images drawn with
 * replacement show how far a figure would move with other images of the same kind. Per-image CIDEr
 * stays as it is: the document frequencies are fixed. Seeded: the same seed gives the same figures,
 * on any number of threads.
 *
 * @param seed of the draws
 * @param resamples how many corpora are drawn, 100 to 1,000,000
 */
public record Bootstrap(long seed, int resamples) {
  /** Between these quantiles lie 95%. */
  private static final double LOW = 0.025;

  private static final double HIGH = 0.975;
  private static final int FEWEST = 100;
  private static final int MOST = 1_000_000;

  /** Scores of the same caption differ by less, by the rounding of floats in other company. */
  private static final double NOISE = 1e-6;

  public Bootstrap {
    if (resamples < FEWEST || resamples > MOST) {
      throw new IllegalArgumentException(
          "A bootstrap takes %d to %,d resamples, not %,d: give another number, such as 1000"
              .formatted(FEWEST, MOST, resamples));
    }
  }

  /**
   * The 95% percentile interval of each metric's corpus figure; all metrics over the same images.
   */
  public List<Interval> intervals(List<? extends MetricResult> metrics) {
    List<ToDoubleFunction<int[]>> figures = new ArrayList<>();
    metrics.forEach(metric -> figures.add(metric::of));
    List<Interval> intervals = new ArrayList<>();
    for (double[] drawn : draw(images(metrics), figures)) {
      intervals.add(interval(drawn));
    }
    return intervals;
  }

  /**
   * How system {@code b} differs from {@code a}, a metric each; the images and the metrics are the
   * same, in the same order.
   *
   * <p>The p-value is two-sided: the share of resampled differences that lie at least as far from
   * the observed one as that lies from 0, the observed one counted too. Scores that differ by less
   * than 1e-6 are tied, and where all are, so are the systems: difference 0, p 1.
   */
  public List<PairedDifference> compare(
      List<? extends MetricResult> a, List<? extends MetricResult> b) {
    List<ToDoubleFunction<int[]>> figures = new ArrayList<>();
    for (int m = 0; m < a.size(); m++) {
      MetricResult first = a.get(m);
      MetricResult second = b.get(m);
      if (!first.name().equals(second.name()) || first.size() != second.size()) {
        throw new IllegalArgumentException(
            "Systems are compared in the same metric on the same images, not %s on %d images and %s on %d"
                .formatted(first.name(), first.size(), second.name(), second.size()));
      }
      figures.add(sample -> second.of(sample) - first.of(sample));
    }
    double[][] drawn = draw(images(a), figures);
    List<PairedDifference> differences = new ArrayList<>();
    for (int m = 0; m < a.size(); m++) {
      differences.add(difference(a.get(m), b.get(m), drawn[m]));
    }
    return differences;
  }

  private static int images(List<? extends MetricResult> metrics) {
    if (metrics.isEmpty()) {
      throw new IllegalArgumentException("A bootstrap needs at least one metric, it got none");
    }
    return metrics.getFirst().size();
  }

  /** By figure: its values over all resamples. */
  private double[][] draw(int images, List<ToDoubleFunction<int[]>> figures) {
    SplittableRandom seeds = new SplittableRandom(seed);
    long[] seedOf = seeds.longs(resamples).toArray();
    double[][] values = new double[figures.size()][resamples];
    IntStream.range(0, resamples)
        .parallel()
        .forEach(resample -> {
          int[] sample = new SplittableRandom(seedOf[resample]).ints(images, 0, images).toArray();
          for (int f = 0; f < values.length; f++) {
            values[f][resample] = figures.get(f).applyAsDouble(sample);
          }
        });
    return values;
  }

  private static Interval interval(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Interval(quantile(sorted, LOW), quantile(sorted, HIGH));
  }

  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    double next = sorted[Math.min(below + 1, sorted.length - 1)];
    return sorted[below] + (at - below) * (next - sorted[below]);
  }

  private static PairedDifference difference(MetricResult a, MetricResult b, double[] drawn) {
    double observed = b.corpus() - a.corpus();
    long asFar =
        Arrays.stream(drawn)
            .filter(value -> Math.abs(value - observed) >= Math.abs(observed))
            .count();
    int won = 0;
    int lost = 0;
    for (int image = 0; image < a.size(); image++) {
      double more = b.image(image) - a.image(image);
      won += more > NOISE ? 1 : 0;
      lost += more < -NOISE ? 1 : 0;
    }
    if (won + lost == 0 && Math.abs(observed) <= NOISE) {
      return new PairedDifference(0, new Interval(0, 0), 1, 0, 0, a.size());
    }
    return new PairedDifference(
        observed,
        interval(drawn),
        (asFar + 1.0) / (drawn.length + 1.0),
        won,
        lost,
        a.size() - won - lost);
  }

  /**
   * An interval of plausible figures.
   *
   * @param low its lower end
   * @param high its upper end, not below the lower
   */
  public record Interval(double low, double high) {

    public Interval {
      if (!(low <= high)) {
        throw new IllegalArgumentException(
            "An interval's ends are numbers, the lower first; these are %s and %s"
                .formatted(low, high));
      }
    }
  }

  /**
   * How a system differs from another on the same images, in one metric.
   *
   * @param difference its corpus figure less the other's
   * @param interval of the difference, 95%
   * @param pValue how probable a difference at least as large, either way, is by chance
   * @param won images on which it scores more
   * @param lost images on which it scores less
   * @param tied images on which both score the same
   */
  public record PairedDifference(
      double difference, Interval interval, double pValue, int won, int lost, int tied) {

    public PairedDifference {
      if (!(pValue > 0 && pValue <= 1) || Math.min(won, Math.min(lost, tied)) < 0) {
        throw new IllegalArgumentException(
            "A p-value is above 0 up to 1 and counts are not negative; these are %s; %d, %d, %d"
                .formatted(pValue, won, lost, tied));
      }
    }
  }
}
