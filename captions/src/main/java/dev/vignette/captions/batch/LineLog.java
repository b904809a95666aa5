package dev.vignette.captions.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A text file that grows by whole lines. Each line is handed to the operating system at once, so
 * that a kill of this process loses none; {@link #force} hands them to the disk, for power
 * failures. A last line without an end was torn by a kill, and is cut off when the file is opened.
 */
final class LineLog implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LineLog.class.getName());

  private final Path file;
  private final FileChannel channel;

  /** Takes a line without its end. */
  @FunctionalInterface
  interface LineReader {
    void read(String line) throws IOException;
  }

  private LineLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens {@code file} for appending, makes it if it is missing, keeps other processes from doing
   * the same, and gives {@code eachLine} the whole lines that it has.
   *
   * @throws UsageException if another run has it open
   * @throws UncheckedIOException if it cannot be read and written
   */
  static LineLog open(Path file, LineReader eachLine) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        lock(file, channel);
        long whole = read(Channels.newInputStream(channel), eachLine);
        channel.truncate(whole).position(whole);
        return new LineLog(file, channel);
      } catch (IOException | RuntimeException failure) {
        channel.close();
        throw failure;
      }
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  /** Takes the lock that ends with the channel; a file system without locks goes without. */
  private static void lock(Path file, FileChannel channel) {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      locked = false;
    } catch (IOException unsupported) {
      LOG.log(System.Logger.Level.DEBUG, () -> file + " cannot be locked", unsupported);
      locked = true;
    }
    if (!locked) {
      throw new UsageException(
          "Another run is writing %s, and two would mix their captions. Wait until it ends, or give another --output."
              .formatted(file));
    }
  }

  /** Gives {@code eachLine} the whole lines of {@code in}; returns their length in bytes. */
  static long read(InputStream in, LineReader eachLine) throws IOException {
    long whole = 0;
    byte[] block = new byte[1 << 16];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int length = in.read(block); length >= 0; length = in.read(block)) {
      int start = 0;
      for (int at = 0; at < length; at++) {
        if (block[at] == '\n') {
          line.write(block, start, at - start);
          whole += line.size() + 1L;
          eachLine.read(line.toString(StandardCharsets.UTF_8));
          line.reset();
          start = at + 1;
        }
      }
      line.write(block, start, length - start);
    }
    return whole;
  }

  /**
   * Adds {@code line} and its end.
   *
   * @throws UncheckedIOException if it cannot be written whole; append nothing more then
   */
  void append(String line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  /** Waits until all lines are on the disk. */
  void force() {
    try {
      channel.force(false);
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  private static UncheckedIOException cannotWrite(Path file, IOException failure) {
    return new UncheckedIOException(
        "%s cannot be written (%s). Make room or give permission, and run the same command again: what is done is kept."
            .formatted(file, failure.getMessage()),
        failure);
  }
}
