package dev.vignette.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.vignette.weights.ElementType;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.TensorData;
import dev.vignette.weights.TensorShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Writes arrays as safetensors files, each brought to the host when its turn comes. */
public final class SafetensorsWriter {
  private SafetensorsWriter() {}

  /**
   * Writes arrays (float32, float64, int32, int64) under their names, in the map's order.
   *
   * @param metadata texts for the header's {@code __metadata__}; left out when empty
   */
  public static void write(
      Path path, SequencedMap<String, NDArray> arrays, Map<String, String> metadata)
      throws IOException {
    SequencedMap<String, TensorData> tensors = new LinkedHashMap<>();
    arrays.forEach((name, array) ->
        tensors.put(
            name,
            new TensorData(
                type(name, array.getDataType()),
                TensorShape.of(array.getShape().getShape()),
                () -> bytes(array))));
    Safetensors.write(path, tensors, metadata);
  }

  /** The array on the host, little-endian as in the file. */
  public static ByteBuffer bytes(NDArray array) {
    try (NDManager host = array.getManager().newSubManager()) {
      return Torch.onHost(host, array).toByteBuffer(false);
    }
  }

  private static ElementType type(String name, DataType type) {
    if (type == DataType.FLOAT32) {
      return ElementType.F32;
    }
    if (type == DataType.FLOAT64) {
      return ElementType.F64;
    }
    if (type == DataType.INT32) {
      return ElementType.I32;
    }
    if (type == DataType.INT64) {
      return ElementType.I64;
    }
    throw new IllegalArgumentException(
        "Array %s is of type %s; only float32, float64, int32 and int64 are written"
            .formatted(name, type));
  }
}
