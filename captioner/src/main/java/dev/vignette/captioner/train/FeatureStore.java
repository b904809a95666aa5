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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Encoded images on disk, looked up by image hash and read through a memory map. One store belongs
 * to one encoder, and is two files: {@code NAME.features}, records of one size; {@code NAME.index},
 * a line a record with the image's hash and a checksum of that hash and the record. Records are
 * forced to the disk before the index names them, so a killed run leaves a store that is shorter,
 * never wrong.
 *
 * <p>Other runs may have the records mapped: they are never changed or cut off, only followed by
 * others. A store of which no line can be read, such as one of a version before, is begun anew in
 * other files, and whoever reads the old ones keeps them.
 *
 * <p>A record whose checksum differs is damaged and counts as absent, and so does one whose line is
 * damaged. An image that is encoded again gets another record: the last one of a hash counts.
 */
final class FeatureStore implements AutoCloseable {
  private static final int HASH_DIGITS = 64;
  private static final int SUM_DIGITS = 2 * Integer.BYTES;
  private static final int LINE = HASH_DIGITS + 1 + SUM_DIGITS + 1;
  private static final Pattern WHOLE_LINE =
      Pattern.compile("(\\S{%d}) ([0-9a-f]{%d})\n".formatted(HASH_DIGITS, SUM_DIGITS));
  private static final String NO_LINE = " ".repeat(LINE - 1) + "\n";

  /** A version before kept its checksums there. */
  private static final String OLDER_SUMS = ".sums";

  /** Where an image's rows are, and what they should add up to. */
  private record Place(long position, String sum) {}

  private final Path folder;
  private final int valuesPerImage;
  private final FeaturePrecision precision;
  private final FileChannel data;
  private final FileChannel index;
  private final Map<String, Place> places = new HashMap<>();
  private final Set<String> intact = new HashSet<>();
  private MemorySegment map = MemorySegment.NULL;
  private @Nullable ProcessLock lock;
  private long records;
  private int damaged;

  private FeatureStore(
      int valuesPerImage, FeaturePrecision precision, Path folder, String name, ProcessLock lock)
      throws IOException {
    this.valuesPerImage = valuesPerImage;
    this.precision = precision;
    this.lock = lock;
    this.folder = folder;
    Path dataFile = folder.resolve(name + ".features");
    Path indexFile = folder.resolve(name + ".index");
    readIndex(dataFile, indexFile);
    if (places.isEmpty()) {
      // The index goes first: without it a kill between them leaves nothing that could be believed.
      for (Path old : List.of(indexFile, dataFile, folder.resolve(name + OLDER_SUMS))) {
        delete(old);
      }
      records = 0;
    }
    data = openChannel(dataFile);
    index = openChannel(indexFile);
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
    Optional<ProcessLock> lock;
    try {
      lock = ProcessLock.tryExclusive(folder.resolve(name));
    } catch (IOException failure) {
      throw unusable(folder.resolve(name + ".features"), failure);
    }
    if (lock.isEmpty()) {
      throw new ConfigException(
          "Another run is encoding images into %s: wait until its first epoch begins, or give this run a cache of its own by --set encoder.cache=DIR"
              .formatted(folder.resolve(name + ".features")));
    }
    try {
      return new FeatureStore(valuesPerImage, precision, folder, name, lock.get());
    } catch (IOException | RuntimeException e) {
      lock.get().close();
      throw e;
    }
  }

  /** Reads which images are there; a line that is damaged is no image's. */
  private void readIndex(Path dataFile, Path indexFile) throws IOException {
    if (!Files.isRegularFile(dataFile) || !Files.isRegularFile(indexFile)) {
      return;
    }
    // A record that was cut short keeps its place: it may be mapped, and the next goes behind it.
    records = Math.ceilDiv(Files.size(dataFile), bytesPerImage());
    String text;
    try (FileChannel lines = FileChannel.open(indexFile)) {
      text =
          new String(
              read(lines, 0, Math.min(lines.size(), Files.size(dataFile) / bytesPerImage() * LINE)),
              StandardCharsets.US_ASCII);
    }
    for (int i = 0; i < text.length() / LINE; i++) {
      Matcher line = WHOLE_LINE.matcher(text).region(i * LINE, (i + 1) * LINE);
      if (line.matches()) {
        places.put(line.group(1), new Place(i, line.group(2)));
      }
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      throw unusable(file, failure);
    }
  }

  /** Says that nothing will be added any more: other runs may open the store and add to it. */
  void filled() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }

  private static FileChannel openChannel(Path file) {
    try {
      return FileChannel.open(
          file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException failure) {
      throw unusable(file, failure);
    }
  }

  private static UnwritableFileException unusable(Path file, IOException failure) {
    return new UnwritableFileException(
        "%s, a file of encoded images, cannot be written (%s). Give permission or move it away, or give a cache of its own by --set encoder.cache=DIR."
            .formatted(file, UnwritableFileException.reasonOf(failure)),
        failure);
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
    Place place = places.get(hash);
    if (place == null || intact.contains(hash)) {
      return place != null;
    }
    if (!place.sum.equals(sumOf(hash, record(place)))) {
      places.remove(hash);
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
    return places.size();
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
    try {
      // Records behind the index's end are those of a killed run: lines of no image keep the count.
      long named = Math.min(index.size() / LINE, records);
      StringBuilder lines = new StringBuilder(NO_LINE.repeat(Math.toIntExact(records - named)));
      Map<String, Place> added = new LinkedHashMap<>();
      for (int i = 0; i < hashes.size(); i++) {
        String hash = hashes.get(i);
        String sum = sumOf(hash, bytes.slice(i * bytesEach, bytesEach));
        lines.append(hash).append(' ').append(sum).append('\n');
        added.put(hash, new Place(records + i, sum));
      }
      write(data, bytes, records * bytesPerImage());
      data.force(false);
      index.truncate(named * LINE);
      write(index, ascii(lines), named * LINE);
      places.putAll(added);
      intact.addAll(hashes);
      records += hashes.size();
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "The features of images cannot be written to %s (%s). Make room, or give a cache of its own by --set encoder.cache=DIR; what is there is used again."
              .formatted(folder, UnwritableFileException.reasonOf(failure)),
          failure);
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

  private static String sumOf(String hash, ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(ascii(hash));
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

  private ByteBuffer record(Place place) throws IOException {
    long start = place.position * bytesPerImage();
    if (start + bytesPerImage() > map.byteSize()) {
      map = data.map(FileChannel.MapMode.READ_ONLY, 0, data.size(), Arena.ofAuto());
    }
    return map.asSlice(start, bytesPerImage()).asByteBuffer();
  }

  /** Copies an image's rows, numbers of {@link #type()} in little-endian order, to a buffer. */
  void read(String hash, ByteBuffer target) throws IOException {
    Place place = places.get(hash);
    if (place == null) {
      throw new IllegalArgumentException("The image with hash %s is not encoded".formatted(hash));
    }
    target.put(record(place));
  }

  @Override
  public void close() throws IOException {
    filled();
    data.close();
    index.close();
  }
}
