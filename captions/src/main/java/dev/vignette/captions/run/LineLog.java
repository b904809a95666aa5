package dev.vignette.captions.run;

import dev.vignette.files.AtomicFile;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A text file that grows by whole lines. Each line is handed to the operating system at once, so
 * that a kill of this process loses none; {@link #force} hands them to the disk, for power
 * failures. A {@link ProcessLock} keeps others from writing it too. A last line without an end was
 * torn by a kill, and is cut off when the file is opened.
 */
final class LineLog implements AutoCloseable {
  private final Path file;
  private final ProcessLock lock;
  private FileChannel channel;
  private @Nullable Object opened; // which file the channel is of
  private boolean failed;

  /** Takes a line without its end. */
  @FunctionalInterface
  interface LineReader {
    void read(String line) throws IOException;
  }

  private LineLog(Path file, ProcessLock lock, FileChannel channel) throws IOException {
    this.file = file;
    this.lock = lock;
    this.channel = channel;
    this.opened = which(file);
  }

  private static @Nullable Object which(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /**
   * Opens {@code file} for appending, makes it if it is missing, keeps other processes from doing
   * the same, and gives {@code eachLine} the whole lines that it has.
   *
   * @param beginning how the first line of such a file begins, whole or torn
   * @throws UsageException if another run has it open, or it is one line without an end that begins
   *     otherwise, which would be cut off
   * @throws UncheckedIOException if it cannot be read and written
   */
  static LineLog open(Path file, String beginning, LineReader eachLine) {
    ProcessLock lock = lock(file);
    try {
      return new LineLog(file, lock, openWhole(file, beginning, eachLine));
    } catch (IOException failure) {
      lock.close();
      throw cannotWrite(file, failure);
    } catch (RuntimeException failure) {
      lock.close();
      throw failure;
    }
  }

  private static ProcessLock lock(Path file) {
    try {
      return ProcessLock.tryExclusive(file)
          .orElseThrow(() ->
              new UsageException(
                  "Another run is writing %s, and two would mix their captions. Wait until it ends, or give another --output."
                      .formatted(file)));
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be locked against other runs (%s). Give permission to write in its folder, or choose another."
              .formatted(file, UnwritableFileException.reasonOf(failure)),
          failure);
    }
  }

  /** Opens {@code file} at the end of its last whole line. */
  private static FileChannel openWhole(Path file, String beginning, LineReader eachLine)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      long whole = read(Channels.newInputStream(channel), eachLine);
      if (whole == 0) {
        requireTorn(file, channel, beginning);
      }
      channel.truncate(whole).position(whole);
      return channel;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  /** Checks that a file without a whole line, which is emptied, was left so by a kill. */
  private static void requireTorn(Path file, FileChannel channel, String beginning)
      throws IOException {
    byte[] start = beginning.getBytes(StandardCharsets.UTF_8);
    ByteBuffer there = ByteBuffer.allocate(start.length);
    int length = 0;
    for (int more = 0; more >= 0 && there.hasRemaining(); length += Math.max(more, 0)) {
      more = channel.read(there, length);
    }
    if (!Arrays.equals(there.array(), 0, length, start, 0, length)) {
      throw new UsageException(
          "%s should begin with %s, but begins with other text. Move it away, or give another --output."
              .formatted(file, beginning));
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
   * Adds {@code lines}, each with its end.
   *
   * @throws UncheckedIOException if they cannot be written whole, or something before them could
   *     not
   */
  void append(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    try {
      if (failed) {
        throw new IOException("writing failed before");
      }
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException failure) {
      failed = true;
      throw cannotWrite(file, failure);
    }
  }

  /**
   * Replaces all lines, whole or not at all; the lock is held all the while.
   *
   * @throws UncheckedIOException if they cannot be written; nothing is lost then
   */
  void replace(AtomicFile.Content lines) {
    AtomicFile.write(file, lines);
    try {
      channel.close();
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.position(channel.size());
      opened = which(file);
    } catch (IOException failure) {
      failed = true;
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

  /**
   * Checks that what is at the file's path is what lines were added to.
   *
   * @throws UncheckedIOException if somebody moved, deleted or replaced it
   */
  void requireInPlace() {
    Object there;
    try {
      there = which(file);
    } catch (NoSuchFileException _) {
      there = "";
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
    if (!Objects.equals(there, opened)) {
      throw new UnwritableFileException(
          "%s was moved, deleted or replaced while the run went on, and what the run added is not in it. Run the same command again: it makes that anew."
              .formatted(file),
          new NoSuchFileException(file.toString()));
    }
  }

  @Override
  public void close() {
    try (lock) {
      channel.close();
    } catch (IOException failure) {
      throw cannotWrite(file, failure);
    }
  }

  private static UnwritableFileException cannotWrite(Path file, IOException failure) {
    return new UnwritableFileException(
        "%s cannot be written (%s). Make room or give permission, and run the same command again: what is done is kept."
            .formatted(file, UnwritableFileException.reasonOf(failure)),
        failure);
  }
}
