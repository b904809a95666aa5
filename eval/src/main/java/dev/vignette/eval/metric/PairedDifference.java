package dev.vignette.eval.metric;

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
