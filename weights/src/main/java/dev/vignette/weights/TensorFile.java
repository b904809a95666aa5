package dev.vignette.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;

/**
 * Named tensors in a memory-mapped file. Opening reads the table of contents only; a tensor's bytes
 * are read when it is asked for. The mapping lives as long as anything refers to it.
 */
public sealed interface TensorFile permits Safetensors, TorchCheckpoint, ShardedTensors {

  /** The names that Hugging Face gives weights, in the order they are looked for. */
  List<String> FOLDER_NAMES =
      List.of(
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

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
   * Fills a buffer with the stored little-endian bytes of a tensor from byte {@code from} on. They
   * are read, not mapped: going through a large file leaves nothing of it in this process.
   *
   * @throws IllegalArgumentException when the file has no such tensor, or not so many bytes of it
   */
  void read(String name, long from, ByteBuffer into) throws IOException;

  /**
   * Opens a safetensors file, a PyTorch checkpoint, or the index of either in shards ({@code
   * *.index.json}); the first two are told apart by content.
   *
   * @throws WeightsException when the file is neither, or damaged
   */
  static TensorFile open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new WeightsException(
          "No weight file at %s; give a .safetensors, .bin or .pt file".formatted(path));
    }
    if (path.getFileName().toString().endsWith(ShardedTensors.INDEX)) {
      return ShardedTensors.open(path);
    }
    if (TorchCheckpoint.isCheckpoint(path)) {
      return TorchCheckpoint.open(path);
    }
    if (!path.getFileName().toString().endsWith(".safetensors") && !Safetensors.isLike(path)) {
      throw new WeightsException(
          "%s is neither a PyTorch checkpoint (a zip archive or a pickle) nor safetensors%s; get it again"
              .formatted(path, Files.size(path) == 0 ? ": it is empty" : ""));
    }
    return Safetensors.open(path);
  }

  /**
   * Opens the weights in a folder under the names that Hugging Face gives them: {@code
   * model.safetensors} or its shards' index before {@code pytorch_model.bin} or its shards' index.
   *
   * @throws WeightsException when there are none, or what is there is damaged
   */
  static TensorFile inFolder(Path folder) throws IOException {
    for (String name : FOLDER_NAMES) {
      if (Files.exists(folder.resolve(name))) {
        return open(folder.resolve(name));
      }
    }
    throw new WeightsException(
        "%s holds no weights; one of %s is needed, with the shards that an index names"
            .formatted(folder, String.join(", ", FOLDER_NAMES)));
  }

  /**
   * Refuses a file in which one of some matrices begins or ends in zeros: what an unfinished
   * download, or a disk that lost blocks, leaves. Nobody trains such a one. Small ones and vectors,
   * which may be zeros, are not looked at.
   *
   * @throws WeightsException naming the tensor
   */
  default void requireFilled(Collection<String> names) throws IOException {
    for (String name : names) {
      TensorInfo info = info(name);
      if (info.shape().rank() >= 2 && stored(name).isHollow(name, info.bytes())) {
        throw new WeightsException(
            "%s has zeros in place of %s: the download was not finished, or the disk lost a part of it; get it again"
                .formatted(fileOf(name), name));
      }
    }
  }

  private FilledSamples stored(String name) {
    return new FilledSamples() {
      @Override
      protected void read(long from, ByteBuffer into) throws IOException {
        TensorFile.this.read(name, from, into);
      }
    };
  }

  /** The file that a tensor lies in, which is a part of one in shards. */
  default Path fileOf(String name) {
    return path();
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

  /** Conversion of stored elements to native float32. */
  static final class Float32 {
    private Float32() {}

    /** Direct buffer of float32: {@code stored} itself when that is possible, otherwise a copy. */
    static ByteBuffer from(TensorInfo info, ByteBuffer stored) {
      boolean aligned =
          info.offset() % Float.BYTES == 0 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
      if (info.type() == ElementType.F32 && aligned) {
        return stored.order(ByteOrder.nativeOrder());
      }
      int count = Math.toIntExact(info.shape().size());
      ByteBuffer result =
          ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
              .order(ByteOrder.nativeOrder());
      FloatBuffer floats = result.asFloatBuffer();
      ByteBuffer source = stored.order(ByteOrder.LITTLE_ENDIAN);
      switch (info.type()) {
        case F32 -> floats.put(source.asFloatBuffer());
        case F16 -> fromHalf(source.asShortBuffer(), floats);
        case BF16 -> fromBrain(source.asShortBuffer(), floats);
        case F64 -> {
          var doubles = source.asDoubleBuffer();
          for (int i = 0; i < count; i++) {
            floats.put(i, (float) doubles.get(i));
          }
        }
        case I64, I32, I16, I8, U8, BOOL ->
            throw new WeightsException(
                "Tensor %s holds %s where floating-point weights are needed; store it as F32, F16 or BF16"
                    .formatted(info.name(), info.type()));
      }
      return result;
    }

    private static void fromHalf(ShortBuffer source, FloatBuffer target) {
      for (int i = 0; i < target.limit(); i++) {
        target.put(i, Float.float16ToFloat(source.get(i)));
      }
    }

    private static void fromBrain(ShortBuffer source, FloatBuffer target) {
      for (int i = 0; i < target.limit(); i++) {
        target.put(i, Float.intBitsToFloat(source.get(i) << 16));
      }
    }
  }
}
