package dev.vignette.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file on its way into the cache: its ranges are written where they belong, and a second file
 * says how far each has come, so that a download goes on after a kill where it was. A count is
 * written after the bytes that it counts: it never says more than what is there. (After a power cut
 * it may; the hash tells.) Ranges may be written by several threads, each range by one.
 *
 * <p>The second file holds numbers of 8 bytes, big-endian: a mark, the size of the file, the size
 * of a range, and for each range the bytes that are there.
 */
final class PartialBlob implements Closeable {
  /** Writes all of a block at a position. */
  @FunctionalInterface
  interface BlockWriter {
    void write(FileChannel channel, ByteBuffer block, long position) throws IOException;
  }

  static final BlockWriter WRITES = PartialBlob::writeAll;

  private static final long[] NONE = {};
  private static final long MARK = 0x5669676E65747431L; // "Vignett1"
  private static final int HEADER_NUMBERS = 3;
  private static final String PART = ".vignette-part";
  private static final String RANGES = ".vignette-ranges";

  private final Path part;
  private final Path ranges;
  private final long bytes;
  private final long rangeBytes;
  private final BlockWriter writer;
  private final FileChannel data;
  private final FileChannel counts;
  private final long[] received;
  private final boolean resumed;

  private PartialBlob(Path blob, long bytes, long[] state, BlockWriter writer) throws IOException {
    this.part = part(blob);
    this.ranges = ranges(blob);
    this.bytes = bytes;
    this.rangeBytes = state[2];
    this.writer = writer;
    this.received = new long[state.length - HEADER_NUMBERS];
    System.arraycopy(state, HEADER_NUMBERS, received, 0, received.length);
    this.resumed = received() > 0;
    this.counts = FileChannel.open(ranges, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    this.data = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!resumed) {
      data.truncate(0);
      counts.truncate(0);
      writeAll(counts, encoded(state), 0);
    }
  }

  /** Opens what an earlier download left of a blob, or begins it. */
  static PartialBlob open(Path blob, long bytes, long rangeBytes, BlockWriter writer)
      throws IOException {
    Files.createDirectories(blob.toAbsolutePath().getParent());
    long[] left = read(blob, bytes);
    return new PartialBlob(blob, bytes, left.length > 0 ? left : fresh(bytes, rangeBytes), writer);
  }

  /** How many bytes an earlier download left of a blob. */
  static long received(Path blob, long bytes) throws IOException {
    long[] left = read(blob, bytes);
    long sum = 0;
    for (int i = HEADER_NUMBERS; i < left.length; i++) {
      sum += left[i];
    }
    return sum;
  }

  /** Whether a file of the cache is a download's that did not end. */
  static boolean isLeftover(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(PART) || name.endsWith(RANGES);
  }

  private static Path part(Path blob) {
    return blob.resolveSibling(blob.getFileName() + PART);
  }

  private static Path ranges(Path blob) {
    return blob.resolveSibling(blob.getFileName() + RANGES);
  }

  private static int rangeCount(long bytes, long rangeBytes) {
    return Math.toIntExact(Math.ceilDiv(bytes, rangeBytes));
  }

  private static long[] fresh(long bytes, long rangeBytes) {
    long[] state = new long[HEADER_NUMBERS + rangeCount(bytes, rangeBytes)];
    state[0] = MARK;
    state[1] = bytes;
    state[2] = rangeBytes;
    return state;
  }

  /** The numbers of an earlier download; none if there is none, or its files do not agree. */
  private static long[] read(Path blob, long bytes) throws IOException {
    if (!Files.isRegularFile(part(blob)) || !Files.isRegularFile(ranges(blob))) {
      return NONE;
    }
    try {
      return readBoth(blob, bytes);
    } catch (NoSuchFileException _) {
      return NONE; // another process ended the download meanwhile
    }
  }

  private static long[] readBoth(Path blob, long bytes) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(ranges(blob)));
    long[] state = new long[content.remaining() / Long.BYTES];
    content.asLongBuffer().get(state);
    if (state.length < HEADER_NUMBERS
        || state[0] != MARK
        || state[1] != bytes
        || state[2] < 1
        || state.length != HEADER_NUMBERS + rangeCount(bytes, state[2])) {
      return NONE;
    }
    long partBytes = Files.size(part(blob));
    for (int range = 0; range < state.length - HEADER_NUMBERS; range++) {
      long count = state[HEADER_NUMBERS + range];
      long start = range * state[2];
      if (count < 0
          || count > Math.min(state[2], bytes - start)
          || (count > 0 && start + count > partBytes)) {
        return NONE;
      }
    }
    return state;
  }

  private static ByteBuffer encoded(long[] numbers) {
    ByteBuffer content = ByteBuffer.allocate(numbers.length * Long.BYTES);
    content.asLongBuffer().put(numbers);
    return content;
  }

  /** Whether some of it is an earlier download's. */
  boolean isResumed() {
    return resumed;
  }

  int rangeCount() {
    return received.length;
  }

  /** The position of a range's first byte. */
  long start(int range) {
    return range * rangeBytes;
  }

  /** The position behind a range's last byte. */
  long end(int range) {
    return Math.min(bytes, start(range) + rangeBytes);
  }

  /** The position of the first byte of a range that is not there. */
  long position(int range) {
    return start(range) + received[range];
  }

  boolean isWhole(int range) {
    return position(range) == end(range);
  }

  /** Bytes that are there. */
  long received() {
    long sum = 0;
    for (long count : received) {
      sum += count;
    }
    return sum;
  }

  /**
   * Writes the next bytes of a range.
   *
   * @throws HubException when the disk does not take them
   */
  void append(int range, ByteBuffer block) throws HubException {
    int count = block.remaining();
    try {
      writer.write(data, block, position(range));
      ByteBuffer number = ByteBuffer.allocate(Long.BYTES).putLong(received[range] + count).flip();
      writeAll(counts, number, (HEADER_NUMBERS + range) * (long) Long.BYTES);
    } catch (IOException failure) {
      throw unwritten(failure);
    }
    received[range] += count;
  }

  private static void writeAll(FileChannel channel, ByteBuffer block, long position)
      throws IOException {
    for (long at = position; block.hasRemaining(); ) {
      at += channel.write(block, at);
    }
  }

  private HubException unwritten(IOException failure) {
    String why = String.valueOf(failure.getMessage());
    if (why.contains("No space left") || why.contains("quota exceeded")) {
      return new HubException(
          HubException.Reason.DISK_FULL,
          "The disk of %s is full: %s are missing. What is there is kept: make room ('vignette models' shows what the cache holds) and run the command again"
              .formatted(part.getParent(), ByteCount.text(bytes - received())),
          failure);
    }
    return new HubException(
        HubException.Reason.NOT_WRITTEN,
        "%s cannot be written: %s. What is there is kept: check the disk and its permissions"
            .formatted(part, why),
        failure);
  }

  /** The file as far as it has come. */
  Path file() {
    return part;
  }

  /** Puts the file, which is whole, into its place. */
  void moveTo(Path blob) throws IOException {
    data.force(true);
    close();
    Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(ranges);
  }

  /** Removes all of it. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(part);
    Files.deleteIfExists(ranges);
  }

  @Override
  public void close() throws IOException {
    data.close();
    counts.close();
  }
}
