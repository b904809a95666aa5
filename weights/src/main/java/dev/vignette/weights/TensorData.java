package dev.vignette.weights;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A tensor to be written: what it is, and where its bytes come from when its turn comes.
 *
 * @param source gives the little-endian, row-major bytes, as many as type and shape say
 */
public record TensorData(ElementType type, TensorShape shape, Source source) {

  /** Gives the bytes of a tensor. */
  @FunctionalInterface
  public interface Source {
    ByteBuffer bytes() throws IOException;
  }

  /** Size in bytes. */
  public long byteSize() {
    return Math.multiplyExact(shape.size(), type.bytes());
  }
}
