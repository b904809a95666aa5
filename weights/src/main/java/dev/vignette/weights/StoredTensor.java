package dev.vignette.weights;

import java.util.List;

/**
 * A tensor as a PyTorch pickle describes it.
 *
 * @param storage key of its storage in the archive
 * @param type element type
 * @param elementOffset first element in the storage
 * @param shape dimensions
 * @param strides distance in elements between neighbours of each dimension
 */
record StoredTensor(
    String storage, ElementType type, long elementOffset, TensorShape shape, List<Long> strides) {
  StoredTensor {
    if (elementOffset < 0 || strides.size() != shape.rank()) {
      throw new IllegalArgumentException(
          "a tensor of shape %s has offset %d and strides %s"
              .formatted(shape, elementOffset, strides));
    }
    strides = List.copyOf(strides);
  }

  boolean isContiguous() {
    long expected = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != expected) {
        return false;
      }
      expected *= shape.get(i);
    }
    return true;
  }

  /** One past the last element of the storage that the tensor uses. */
  long endOffset() {
    return shape.size() == 0 ? elementOffset : elementOffset + relativeOffset(shape.size() - 1) + 1;
  }

  /** Distance in elements of the {@code index}-th element in row-major order from the first. */
  long relativeOffset(long index) {
    long rest = index;
    long offset = 0;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      offset += rest % shape.get(i) * strides.get(i);
      rest /= shape.get(i);
    }
    return offset;
  }
}
