package dev.vignette.captioner.train;

import ai.djl.ndarray.types.DataType;
import dev.vignette.captioner.train.TrainConfig.FeaturePrecision;
import dev.vignette.captions.yaml.ConfigException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encoded images on disk, looked up by image hash and read through a memory map. One store belongs
 * to one encoder. Records are forced to the disk before the index names them, so a killed run
 * leaves a store that is shorter, never wrong.
 */
final class FeatureStore implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FeatureStore.class.getName());
  private static final int HASH_DIGITS = 64;

  private final int valuesPerImage;
  private final FeaturePrecision precision;
  private final FileChannel data;
  private final FileChannel index;
  private final Map<String, Integer> positions = new HashMap<>();
  private MemorySegment map = MemorySegment.NULL;
  private @Nullable FileLock lock;

  private FeatureStore(
      int valuesPerImage, FeaturePrecision precision, FileChannel data, FileChannel index) {
    this.valuesPerImage = valuesPerImage;
    this.precision = precision;
    this.data = data;
    this.index = index;
  }

  /**
   * Opens or begins a store, which no other process may fill until {@link #filled} is called.
   *
   * @param folder that holds stores
   * @param key of the encoder: its weights and input
   * @param valuesPerImage numbers of an image's rows
   * @throws ConfigException if another process is filling it
   */
  static FeatureStore open(Path folder, String key, int valuesPerImage, FeaturePrecision precision)
      throws IOException {
    Files.createDirectories(folder);
    String name = "%s-%d-%s".formatted(key, valuesPerImage, precision).toLowerCase(Locale.ROOT);
    Path indexFile = folder.resolve(name + ".index");
    FileChannel data = openChannel(folder.resolve(name + ".features"));
    FileChannel index = openChannel(indexFile);
    FeatureStore store = new FeatureStore(valuesPerImage, precision, data, index);
    store.lock(indexFile);
    List<String> lines = Files.readAllLines(indexFile, StandardCharsets.US_ASCII);
    long whole = Math.min(lines.size(), data.size() / store.bytesPerImage());
    whole = lines.stream().limit(whole).takeWhile(line -> line.length() == HASH_DIGITS).count();
    for (int i = 0; i < whole; i++) {
      store.positions.put(lines.get(i), i);
    }
    data.truncate(whole * store.bytesPerImage());
    index.truncate(whole * (HASH_DIGITS + 1));
    return store;
  }

  private void lock(Path indexFile) throws IOException {
    try {
      lock = index.tryLock();
    } catch (OverlappingFileLockException e) {
      LOG.log(System.Logger.Level.DEBUG, "Another store of this process", e);
    }
    if (lock == null) {
      close();
      throw new ConfigException(
          "Another run is encoding images into %s: wait until its first epoch begins, or give this run a cache of its own by --set encoder.cache=DIR"
              .formatted(indexFile));
    }
  }

  /** Says that nothing will be added any more: other runs may open the store and add to it. */
  void filled() throws IOException {
    if (lock != null) {
      lock.release();
      lock = null;
    }
  }

  private static FileChannel openChannel(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Number format of the rows. */
  DataType type() {
    return precision == FeaturePrecision.FP16 ? DataType.FLOAT16 : DataType.FLOAT32;
  }

  private long bytesPerImage() {
    return (long) valuesPerImage * type().getNumOfBytes();
  }

  boolean contains(String hash) {
    return positions.containsKey(hash);
  }

  /** Number of images in the store. */
  int size() {
    return positions.size();
  }

  /** Adds the rows of some images, one after the other in {@code values}. */
  void append(List<String> hashes, float[] values) throws IOException {
    if (values.length != hashes.size() * valuesPerImage) {
      throw new IllegalArgumentException(
          "%d images need %d values, not %d"
              .formatted(hashes.size(), hashes.size() * valuesPerImage, values.length));
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(hashes.size() * bytesPerImage()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      if (precision == FeaturePrecision.FP16) {
        bytes.putShort(Float.floatToFloat16(value));
      } else {
        bytes.putFloat(value);
      }
    }
    int position = Math.toIntExact(data.size() / bytesPerImage());
    write(data, bytes.flip(), data.size());
    data.force(false);
    StringBuilder lines = new StringBuilder();
    for (String hash : hashes) {
      positions.put(hash, position++);
      lines.append(hash).append('\n');
    }
    write(
        index, ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII)), index.size());
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  /** Copies an image's rows, numbers of {@link #type()} in little-endian order, to a buffer. */
  void read(String hash, ByteBuffer target) throws IOException {
    Integer position = positions.get(hash);
    if (position == null) {
      throw new IllegalArgumentException("The image with hash %s is not encoded".formatted(hash));
    }
    long start = position * bytesPerImage();
    if (start + bytesPerImage() > map.byteSize()) {
      map = data.map(FileChannel.MapMode.READ_ONLY, 0, data.size(), Arena.ofAuto());
    }
    target.put(map.asSlice(start, bytesPerImage()).asByteBuffer());
  }

  @Override
  public void close() throws IOException {
    data.close();
    index.close();
  }
}
