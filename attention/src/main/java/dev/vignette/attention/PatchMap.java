package dev.vignette.attention;

import java.util.Arrays;
import java.util.Collection;

/**
 * Numbers over an image's grid of patches.
 *
 * @param side rows and columns
 * @param values (side · side) row by row from the top left, finite
 */
@SuppressWarnings("ArrayRecordComponent") // numbers; nobody changes them after they are handed over
public record PatchMap(int side, float[] values) {
  public PatchMap {
    if (side < 1 || values.length != side * side) {
      throw new IllegalArgumentException(
          "A map of side %d has %d values, not %d".formatted(side, side * side, values.length));
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("A map holds finite numbers, not " + value);
      }
    }
  }

  /** The same number everywhere, in sum 1. */
  public static PatchMap uniform(int side) {
    float[] values = new float[side * side];
    Arrays.fill(values, 1f / values.length);
    return new PatchMap(side, values);
  }

  /** The mean of maps of one side; at least one. */
  public static PatchMap mean(Collection<PatchMap> maps) {
    int side = maps.iterator().next().side();
    float[] mean = new float[side * side];
    for (PatchMap map : maps) {
      if (map.side() != side) {
        throw new IllegalArgumentException(
            "Maps of sides %d and %d have no mean".formatted(side, map.side()));
      }
      for (int i = 0; i < mean.length; i++) {
        mean[i] += map.values[i] / maps.size();
      }
    }
    return new PatchMap(side, mean);
  }

  public float at(int row, int column) {
    return values[row * side + column];
  }

  /** The sum of the values. */
  public double sum() {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** The smallest value. */
  public float min() {
    float min = values[0];
    for (float value : values) {
      min = Math.min(min, value);
    }
    return min;
  }

  /** The largest value. */
  public float max() {
    float max = values[0];
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PatchMap that
        && side == that.side
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * side + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "PatchMap[%d x %d]".formatted(side, side);
  }
}
