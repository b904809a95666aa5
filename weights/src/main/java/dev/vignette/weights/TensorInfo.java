package dev.vignette.weights;

/**
 * Where a tensor lies in a file.
 *
 * @param name key of the tensor
 * @param type element type as stored
 * @param shape dimensions, row-major
 * @param offset first byte, counted from the start of the file
 */
public record TensorInfo(String name, ElementType type, TensorShape shape, long offset) {
  public TensorInfo {
    if (offset < 0) {
      throw new IllegalArgumentException(
          "Offset of %s is %d; it must be >= 0".formatted(name, offset));
    }
  }

  /** Size of the stored tensor in bytes. */
  public long bytes() {
    return Math.multiplyExact(shape.size(), type.bytes());
  }
}
