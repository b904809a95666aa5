package dev.vignette.captioner.train;

import ai.djl.ndarray.types.DataType;
import dev.vignette.captioner.train.TrainConfig.FeaturePrecision;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Encoded images on disk, looked up by image hash and read through a memory map. One store belongs
 * to one encoder, and is three files: {@code NAME.features}, records of one size; {@code
 * NAME.index}, a hash a record; {@code NAME.sums}, a checksum a record. Records and checksums are
 * forced to the disk before the index names them, so a killed run leaves a store that is shorter,
 * never wrong.
 *
 * <p>A record whose checksum differs is damaged and counts as absent; one without a checksum was
 * written by a version that made none, and is believed. An image that is encoded again gets another
 * record: the last one of a hash counts.
 */
final class FeatureStore implements AutoCloseable {
  private static final int HASH_DIGITS = 64;
  private static final int HASH_LINE = HASH_DIGITS + 1;
  private static final int SUM_DIGITS = 2 * Integer.BYTES;
  private static final int SUM_LINE = SUM_DIGITS + 1;

  private final Path folder;
  private final int valuesPerImage;
  private final FeaturePrecision precision;
  private final FileChannel data;
  private final FileChannel index;
  private final FileChannel sums;
  private final Map<String, Integer> positions = new HashMap<>();
  private final Set<String> intact = new HashSet<>();
  private MemorySegment map = MemorySegment.NULL;
  private @Nullable ProcessLock lock;
  private int records;
  private int damaged;

  private FeatureStore(
      int valuesPerImage, FeaturePrecision precision, Path folder, String name, ProcessLock lock)
      throws IOException {
    this.valuesPerImage = valuesPerImage;
    this.precision = precision;
    this.lock = lock;
    this.folder = folder;
    data = openChannel(folder.resolve(name + ".features"));
    index = openChannel(folder.resolve(name + ".index"));
    sums = openChannel(folder.resolve(name + ".sums"));
  }

  /**
   * Opens or begins a store, which no other process may fill until {@link #filled} is called.
   *
   * @param folder that holds stores
   * @param key of the encoder: its weights and input
   * @param valuesPerImage numbers of an image's rows
   * @throws ConfigException if another run is filling it
   */
  static FeatureStore open(Path folder, String key, int valuesPerImage, FeaturePrecision precision)
      throws IOException {
    OutputFolder.make(folder, "encoder.cache", "choose another by --set encoder.cache=DIR");
    String name = "%s-%d-%s".formatted(key, valuesPerImage, precision).toLowerCase(Locale.ROOT);
    Optional<ProcessLock> lock = ProcessLock.tryExclusive(folder.resolve(name));
    if (lock.isEmpty()) {
      throw new ConfigException(
          "Another run is encoding images into %s: wait until its first epoch begins, or give this run a cache of its own by --set encoder.cache=DIR"
              .formatted(folder.resolve(name + ".features")));
    }
    try {
      FeatureStore store = new FeatureStore(valuesPerImage, precision, folder, name, lock.get());
      store.readIndex();
      return store;
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
  }

  /** Reads which images are there, and cuts off what a kill left without an index. */
  private void readIndex() throws IOException {
    String text = new String(read(index, 0, index.size()), StandardCharsets.US_ASCII);
    long whole = Math.min(text.length() / HASH_LINE, data.size() / bytesPerImage());
    while (records < whole) {
      // A damaged line is no image's hash: its record stays, and nobody asks for it.
      int start = records * HASH_LINE;
      positions.put(text.substring(start, start + HASH_DIGITS), records++);
    }
    data.truncate(records * bytesPerImage());
    index.truncate((long) records * HASH_LINE);
    sums.truncate((long) records * SUM_LINE);
  }

  /** Says that nothing will be added any more: other runs may open the store and add to it. */
  void filled() {
    if (lock != null) {
      lock.close();
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

  /** Whether an image's rows are there and whole; they are read for that once. */
  boolean contains(String hash) throws IOException {
    Integer position = positions.get(hash);
    if (position == null || intact.contains(hash)) {
      return position != null;
    }
    Optional<String> expected = sum(position);
    if (expected.isPresent() && !expected.get().equals(sumOf(record(position)))) {
      positions.remove(hash);
      damaged++;
      return false;
    }
    intact.add(hash);
    return true;
  }

  /** Number of images in the store that were asked for and found damaged. */
  int damaged() {
    return damaged;
  }

  /** Number of images in the store. */
  int size() {
    return positions.size();
  }

  /**
   * Adds the rows of some images, one after the other in {@code values}.
   *
   * @throws IllegalStateException after {@link #filled}
   * @throws UnwritableFileException if they cannot be written; those before stay
   */
  void append(List<String> hashes, float[] values) throws IOException {
    if (lock == null) {
      throw new IllegalStateException("The store was said to be filled: nothing is added any more");
    }
    if (values.length != hashes.size() * valuesPerImage) {
      throw new IllegalArgumentException(
          "%d images need %d values, not %d"
              .formatted(hashes.size(), hashes.size() * valuesPerImage, values.length));
    }
    ByteBuffer bytes = encoded(values);
    int bytesEach = Math.toIntExact(bytesPerImage());
    StringBuilder hashLines = new StringBuilder();
    StringBuilder sumLines = new StringBuilder();
    // Records of a version without checksums keep none: their lines are blanks.
    for (long blank = sums.size() / SUM_LINE; blank < records; blank++) {
      sumLines.append(" ".repeat(SUM_DIGITS)).append('\n');
    }
    for (int i = 0; i < hashes.size(); i++) {
      hashLines.append(hashes.get(i)).append('\n');
      sumLines.append(sumOf(bytes.slice(i * bytesEach, bytesEach))).append('\n');
    }
    try {
      write(data, bytes, records * bytesPerImage());
      data.force(false);
      write(sums, ascii(sumLines), sums.size() / SUM_LINE * SUM_LINE);
      sums.force(false);
      write(index, ascii(hashLines), (long) records * HASH_LINE);
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "The features of images cannot be written to %s (%s). Make room, or give a cache of its own by --set encoder.cache=DIR; what is there is used again."
              .formatted(folder, UnwritableFileException.reasonOf(failure)),
          failure);
    }
    for (String hash : hashes) {
      positions.put(hash, records++);
      intact.add(hash);
    }
  }

  private ByteBuffer encoded(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, type().getNumOfBytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      if (precision == FeaturePrecision.FP16) {
        bytes.putShort(Float.floatToFloat16(value));
      } else {
        bytes.putFloat(value);
      }
    }
    return bytes.flip();
  }

  /** The checksum that was written with a record; empty if none was. */
  private Optional<String> sum(int position) throws IOException {
    long start = (long) position * SUM_LINE;
    if (start + SUM_LINE > sums.size()) {
      return Optional.empty();
    }
    String line = new String(read(sums, start, SUM_DIGITS), StandardCharsets.US_ASCII);
    return line.isBlank() ? Optional.empty() : Optional.of(line);
  }

  private static String sumOf(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return HexFormat.of().toHexDigits((int) sum.getValue());
  }

  private static ByteBuffer ascii(CharSequence lines) {
    return ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] read(FileChannel channel, long at, long count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(count));
    while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
      // Until all is read.
    }
    return bytes.array();
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  private ByteBuffer record(int position) throws IOException {
    long start = position * bytesPerImage();
    if (start + bytesPerImage() > map.byteSize()) {
      map = data.map(FileChannel.MapMode.READ_ONLY, 0, data.size(), Arena.ofAuto());
    }
    return map.asSlice(start, bytesPerImage()).asByteBuffer();
  }

  /** Copies an image's rows, numbers of {@link #type()} in little-endian order, to a buffer. */
  void read(String hash, ByteBuffer target) throws IOException {
    Integer position = positions.get(hash);
    if (position == null) {
      throw new IllegalArgumentException("The image with hash %s is not encoded".formatted(hash));
    }
    target.put(record(position));
  }

  @Override
  public void close() throws IOException {
    filled();
    data.close();
    index.close();
    sums.close();
  }
}
