package dev.vignette.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SequencedMap;

/**
 * Named tensors in a memory-mapped file. Opening reads the table of contents only; a tensor's bytes
 * are read when it is asked for. The mapping lives as long as anything refers to it.
 */
public sealed interface TensorFile permits Safetensors, TorchCheckpoint {

  /** The file. */
  Path path();

  /** The tensors, in the file's order. */
  SequencedMap<String, TensorInfo> tensors();

  /**
   * The stored little-endian bytes of a tensor, read-only, without a copy.
   *
   * @throws IllegalArgumentException when the file has no such tensor, or it is over 2 GiB
   */
  ByteBuffer bytes(String name);

  /**
   * Opens a safetensors file or a PyTorch checkpoint, told apart by content.
   *
   * @throws WeightsException when the file is neither, or damaged
   */
  static TensorFile open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new WeightsException(
          "No weight file at %s; give a .safetensors, .bin or .pt file".formatted(path));
    }
    return TorchCheckpoint.isCheckpoint(path) ? TorchCheckpoint.open(path) : Safetensors.open(path);
  }

  /** The tensor's information; unknown names are an {@link IllegalArgumentException}. */
  default TensorInfo info(String name) {
    TensorInfo info = tensors().get(name);
    if (info == null) {
      throw new IllegalArgumentException("%s has no tensor \"%s\"".formatted(path(), name));
    }
    return info;
  }

  /**
   * The tensor as native-order float32 in a direct buffer: the mapped bytes themselves (read-only)
   * when they are float32 already, otherwise converted.
   */
  default ByteBuffer float32(String name) {
    return Float32.from(info(name), bytes(name));
  }

  /**
   * The tensor as a float32 array owned by {@code manager}; float32 tensors on the CPU stay backed
   * by the file, so they must never be written to.
   */
  default NDArray load(NDManager manager, String name) {
    ByteBuffer data = float32(name);
    NDArray array = manager.create(data, info(name).shape(), DataType.FLOAT32);
    return manager.getDevice().equals(Device.cpu())
        ? array
        : array.toDevice(manager.getDevice(), false);
  }
}
