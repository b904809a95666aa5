package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/** How far arrays are from each other. */
public final class Tolerance {
  private Tolerance() {}

  /** Largest absolute difference over the largest magnitude of {@code expected}. */
  public static double relative(NDArray actual, NDArray expected) {
    if (!actual.getShape().equals(expected.getShape())) {
      throw new AssertionError(
          "Shape %s, expected %s".formatted(actual.getShape(), expected.getShape()));
    }
    return relative(actual.toFloatArray(), expected.toFloatArray());
  }

  /** As {@link #relative(NDArray, NDArray)}. */
  public static double relative(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          "%d elements, expected %d".formatted(actual.length, expected.length));
    }
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      if (!Float.isFinite(actual[i])) {
        throw new AssertionError("Element %d is %s".formatted(i, actual[i]));
      }
      difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
      largest = Math.max(largest, Math.abs((double) expected[i]));
    }
    return difference / Math.max(largest, Double.MIN_NORMAL);
  }

  /** Largest absolute difference. */
  public static double absolute(NDArray actual, NDArray expected) {
    float[] a = actual.toFloatArray();
    float[] b = expected.toFloatArray();
    double[] differences = new double[b.length];
    Arrays.setAll(differences, i -> Math.abs((double) a[i] - b[i]));
    return Arrays.stream(differences).max().orElse(0);
  }
}
