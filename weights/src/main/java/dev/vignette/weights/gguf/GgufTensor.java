package dev.vignette.weights.gguf;

import java.util.List;

/**
 * What the header says of a tensor.
 *
 * @param dimensions sizes, the fastest varying first, at most four; their product fits in a long
 * @param offset bytes from the beginning of the tensor data
 */
public record GgufTensor(String name, List<Long> dimensions, TensorType type, long offset) {

  public GgufTensor {
    dimensions = List.copyOf(dimensions);
  }

  public long elements() {
    long elements = 1;
    for (long dimension : dimensions) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  /** Size of the data without padding. */
  public long bytes() {
    return Math.multiplyExact(elements() / type.blockElements(), (long) type.blockBytes());
  }

  /** The size of a dimension, 1 for those beyond the last. */
  long dimension(int index) {
    return index < dimensions.size() ? dimensions.get(index) : 1;
  }
}
