package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/** Attention masks: boolean, true where a row may look. */
final class Masks {
  private Masks() {}

  /** (T, T): every row sees every row, or a causal one sees itself and those before it. */
  static NDArray rows(NDManager manager, long rows, boolean causal) {
    int count = Math.toIntExact(rows);
    ByteBuffer mask = ByteBuffer.allocateDirect(count * count);
    for (int row = 0; row < count; row++) {
      for (int key = 0; key < count; key++) {
        mask.put((byte) (causal && key > row ? 0 : 1));
      }
    }
    return manager.create(mask.flip(), new Shape(rows, rows), DataType.BOOLEAN);
  }
}
