package dev.vignette.weights;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The dimensions of a tensor, row-major: the last varies fastest.
 *
 * @param dimensions sizes, none negative; empty for a single number
 */
public record TensorShape(List<Long> dimensions) {
  public TensorShape {
    dimensions = List.copyOf(dimensions);
    for (long dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException("a shape has no dimension of " + dimension);
      }
    }
  }

  /** A shape of these sizes. */
  public static TensorShape of(long... dimensions) {
    return new TensorShape(Arrays.stream(dimensions).boxed().toList());
  }

  /** Number of dimensions. */
  public int rank() {
    return dimensions.size();
  }

  /** Size of the dimension {@code index}, counted from 0. */
  public long get(int index) {
    return dimensions.get(index);
  }

  /**
   * Number of elements.
   *
   * @throws ArithmeticException when they cannot be counted
   */
  public long size() {
    long size = 1;
    for (long dimension : dimensions) {
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }

  /** The sizes as an array. */
  public long[] toArray() {
    return dimensions.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public String toString() {
    return dimensions.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
  }
}
