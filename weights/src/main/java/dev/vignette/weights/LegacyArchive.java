package dev.vignette.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The layout of {@code torch.save} before PyTorch 1.6 ({@code torch/serialization.py}, {@code
 * _legacy_save}): pickles of a magic number, a version, the sizes of C's types, the object and the
 * keys of its storages, then of each storage the number of elements and the elements.
 *
 * @param root what the object's pickle built
 * @param storages where the elements of each storage lie, by key
 */
record LegacyArchive(Object root, Map<String, ZipDirectory.Entry> storages) {
  /** The pickle of 0x1950a86a20f9469cfc6c, protocol 2. */
  private static final byte[] MAGIC = {
    (byte) 0x80,
    2,
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19,
    '.'
  };

  private static final ValueLayout.OfLong COUNT =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Whether a file begins as such archives do. */
  static boolean isIn(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
    }
  }

  /**
   * Reads the pickles.
   *
   * @throws WeightsException when a storage reaches beyond the file
   */
  static LegacyArchive of(MemorySegment file) {
    ByteBuffer bytes =
        file.asSlice(0, Math.min(file.byteSize(), Integer.MAX_VALUE))
            .asByteBuffer()
            .order(ByteOrder.LITTLE_ENDIAN)
            .position(MAGIC.length);
    new TensorPickle(bytes).read(); // the version
    new TensorPickle(bytes).read(); // sizes of types
    TensorPickle object = new TensorPickle(bytes);
    Object root = object.read();
    if (!(new TensorPickle(bytes).read() instanceof List<?> keys)) {
      throw new WeightsException("its pickles end without the keys of its storages");
    }
    Map<String, ZipDirectory.Entry> storages = new LinkedHashMap<>();
    long at = bytes.position();
    for (Object key : keys) {
      ElementType type = object.storages().get(String.valueOf(key));
      if (type == null || file.byteSize() - at < Long.BYTES) {
        throw new WeightsException("its storage %s is not there".formatted(key));
      }
      long count = file.get(COUNT, at);
      at += Long.BYTES;
      if (count < 0 || count > (file.byteSize() - at) / type.bytes()) {
        throw new WeightsException(
            "its storage %s of %d elements reaches beyond the file of %d bytes; copy the file again"
                .formatted(key, count, file.byteSize()));
      }
      storages.put(String.valueOf(key), new ZipDirectory.Entry(at, count * type.bytes()));
      at += count * type.bytes();
    }
    return new LegacyArchive(root, storages);
  }

  /** Where a storage lies. */
  ZipDirectory.Entry storage(String key) {
    ZipDirectory.Entry storage = storages.get(key);
    if (storage == null) {
      throw new WeightsException("it has no storage %s".formatted(key));
    }
    return storage;
  }
}
