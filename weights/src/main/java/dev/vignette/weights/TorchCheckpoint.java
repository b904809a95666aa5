package dev.vignette.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * Reader of PyTorch's checkpoints ({@code torch.save}: {@code .bin}, {@code .pt}), zip files since
 * 1.6 and {@link LegacyArchive} before. The pickle inside is read for tensors only: no class it
 * names is looked up or run. A state dictionary is found at the top or under {@code state_dict},
 * {@code model_state_dict} or {@code model}.
 */
final class TorchCheckpoint implements TensorFile {
  private final Path path;
  private final MemorySegment file;
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, StoredTensor> stored = new LinkedHashMap<>();

  private TorchCheckpoint(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  /** Whether a file is a checkpoint by its first bytes, of PyTorch 1.6 or later or before. */
  static boolean isCheckpoint(Path path) throws IOException {
    return isZip(path) || LegacyArchive.isIn(path);
  }

  private static boolean isZip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] start = in.readNBytes(4);
      return start.length == 4
          && start[0] == 'P'
          && start[1] == 'K'
          && start[2] == 3
          && start[3] == 4;
    }
  }

  /**
   * Maps a checkpoint and reads its table of tensors.
   *
   * @throws WeightsException when the file is damaged, compressed, or holds no state dictionary
   */
  public static TorchCheckpoint open(Path path) throws IOException {
    MemorySegment file = Safetensors.map(path);
    try {
      TorchCheckpoint checkpoint = new TorchCheckpoint(path, file);
      if (LegacyArchive.isIn(path)) {
        LegacyArchive legacy = LegacyArchive.of(file);
        checkpoint.addAll(stateDictionary(legacy.root()), legacy::storage);
        return checkpoint;
      }
      ZipDirectory zip = ZipDirectory.of(file);
      String pickleName = zip.onlyNameEndingWith("data.pkl");
      String folder = pickleName.substring(0, pickleName.length() - "data.pkl".length());
      ZipDirectory.Entry pickle = zip.entry(pickleName);
      ByteBuffer bytes = file.asSlice(pickle.offset(), pickle.bytes()).asByteBuffer();
      Object root = new TensorPickle(bytes.order(ByteOrder.LITTLE_ENDIAN)).read();
      checkpoint.addAll(stateDictionary(root), key -> zip.entry(folder + "data/" + key));
      return checkpoint;
    } catch (RuntimeException e) {
      throw new WeightsException(
          "%s is no usable PyTorch checkpoint: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static Map<?, ?> stateDictionary(Object root) {
    if (root instanceof Map<?, ?> map) {
      for (String key : new String[] {"state_dict", "model_state_dict", "model"}) {
        if (map.get(key) instanceof Map<?, ?> inner) {
          return inner;
        }
      }
      return map;
    }
    throw new WeightsException("its pickle holds no dictionary of tensors");
  }

  private void addAll(Map<?, ?> dictionary, Function<String, ZipDirectory.Entry> storages) {
    for (var entry : dictionary.entrySet()) {
      if (entry.getKey() instanceof String name
          && entry.getValue() instanceof StoredTensor tensor) {
        ZipDirectory.Entry storage = storages.apply(tensor.storage());
        if (tensor.endOffset() * tensor.type().bytes() > storage.bytes()) {
          throw new WeightsException(
              "tensor %s reaches beyond its storage of %d bytes".formatted(name, storage.bytes()));
        }
        long offset = storage.offset() + tensor.elementOffset() * tensor.type().bytes();
        tensors.put(name, new TensorInfo(name, tensor.type(), tensor.shape(), offset));
        stored.put(name, tensor);
      }
    }
    if (tensors.isEmpty()) {
      throw new WeightsException("its dictionary holds no tensors");
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  @Override
  public ByteBuffer bytes(String name) {
    TensorInfo info = info(name);
    StoredTensor tensor = stored.get(name);
    if (tensor == null || tensor.isContiguous()) {
      return Safetensors.slice(file, info);
    }
    ByteBuffer result =
        ByteBuffer.allocateDirect(Math.toIntExact(info.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    gather(info, tensor, 0, result);
    return result.clear();
  }

  @Override
  public void read(String name, long from, ByteBuffer into) throws IOException {
    TensorInfo info = info(name);
    Safetensors.requireInside(info, from, into.remaining());
    StoredTensor tensor = stored.get(name);
    if (tensor == null || tensor.isContiguous()) {
      Safetensors.readFully(path, info.offset() + from, into);
    } else {
      gather(info, tensor, from / info.type().bytes(), into);
    }
  }

  /**
   * Fills a buffer with elements from the {@code first} on, row by row, of a tensor stored with
   * other strides (a saved transpose, for example).
   */
  private void gather(TensorInfo info, StoredTensor tensor, long first, ByteBuffer into) {
    int size = info.type().bytes();
    MemorySegment target = MemorySegment.ofBuffer(into);
    long count = into.remaining() / size;
    for (long i = 0; i < count; i++) {
      long from = info.offset() + tensor.relativeOffset(first + i) * size;
      MemorySegment.copy(file, from, target, i * size, size);
    }
    into.position(into.limit());
  }
}
