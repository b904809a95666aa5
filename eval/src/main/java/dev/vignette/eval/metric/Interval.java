package dev.vignette.eval.metric;

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
