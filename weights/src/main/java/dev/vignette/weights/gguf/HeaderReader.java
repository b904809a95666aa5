package dev.vignette.weights.gguf;

import static dev.vignette.weights.faults.InvalidModelFileException.DAMAGED;
import static dev.vignette.weights.gguf.Wording.number;
import static dev.vignette.weights.gguf.Wording.quoted;

import dev.vignette.weights.faults.InvalidModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Little-endian values from the head of a file, in order, through one small buffer; never beyond
 * the file's end.
 */
final class HeaderReader {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final long MAX_STRING_BYTES = 1L << 30;

  /** Bytes of names, texts and numbers that one file may make us keep. */
  private static final long KEPT_BYTES = 1L << 24;

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long bufferOffset;
  private String part = "its beginning";
  private int partNumber = -1;
  private String partName = "";
  private long kept;

  HeaderReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
  }

  Path file() {
    return file;
  }

  /** Bytes of the whole file. */
  long size() {
    return size;
  }

  /** Bytes from the beginning of the file to the next value. */
  long position() {
    return bufferOffset + buffer.position();
  }

  long remaining() {
    return size - position();
  }

  /** Says, for messages, that a part is read next whose name is not known yet. */
  void entering(String nextPart, int number) {
    part = nextPart;
    partNumber = number;
    partName = "";
  }

  /** Says, for messages, that a part is read next. */
  void entering(String nextPart, String name) {
    part = nextPart;
    partName = name;
  }

  /** What is being read, for messages. */
  String place() {
    if (partName.isEmpty()) {
      return partNumber < 0 ? part : part + " number " + partNumber;
    }
    return part + " " + quoted(partName);
  }

  int int8() throws IOException {
    need(Byte.BYTES);
    return buffer.get();
  }

  int int16() throws IOException {
    need(Short.BYTES);
    return buffer.getShort();
  }

  int int32() throws IOException {
    need(Integer.BYTES);
    return buffer.getInt();
  }

  long int64() throws IOException {
    need(Long.BYTES);
    return buffer.getLong();
  }

  /** The length that stands before a string. */
  long stringLength() throws IOException {
    long length = int64();
    if (length < 0 || length > MAX_STRING_BYTES) {
      throw new InvalidModelFileException(
          file,
          "has a text of %s bytes in %s; at most %s are allowed"
              .formatted(number(length), place(), number(MAX_STRING_BYTES)),
          DAMAGED);
    }
    return length;
  }

  /** The name of a key or tensor, with its length before it. */
  String name(int mostBytes) throws IOException {
    long length = stringLength();
    if (length > mostBytes) {
      throw new InvalidModelFileException(
          file,
          "has a name of %s bytes for %s; at most %s are allowed"
              .formatted(number(length), place(), number(mostBytes)),
          DAMAGED);
    }
    if (!keep(length)) {
      throw new InvalidModelFileException(
          file, "has more than %s bytes of names".formatted(number(KEPT_BYTES)), DAMAGED);
    }
    return text((int) length);
  }

  String text(int bytes) throws IOException {
    requireInFile(bytes);
    byte[] text = new byte[bytes];
    for (int done = 0; done < bytes; ) {
      need(1);
      int step = Math.min(bytes - done, buffer.remaining());
      buffer.get(text, done, step);
      done += step;
    }
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Whether so many bytes more may be kept in memory; counts them if so. */
  boolean keep(long bytes) {
    if (bytes > KEPT_BYTES - kept) {
      return false;
    }
    kept += bytes;
    return true;
  }

  void skip(long count) {
    requireInFile(count);
    if (count <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) count);
    } else {
      bufferOffset = position() + count;
      buffer.limit(0);
    }
  }

  /**
   * The next bytes, at most {@code count} and at most those of one buffer, without going past them.
   */
  byte[] peek(int count) throws IOException {
    int available = (int) Math.min(Math.min(count, BUFFER_BYTES), remaining());
    need(available);
    byte[] bytes = new byte[available];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** Refuses to go on when fewer bytes are left than are needed. */
  void requireInFile(long count) {
    if (count > remaining()) {
      throw new InvalidModelFileException(
          file,
          "is cut off in its header at byte %s: %s needs at least %s bytes more"
              .formatted(number(size), place(), number(count - remaining())),
          InvalidModelFileException.DOWNLOAD_AGAIN);
    }
  }

  private void need(int count) throws IOException {
    if (buffer.remaining() >= count) {
      return;
    }
    requireInFile(count);
    bufferOffset = position();
    buffer.compact();
    while (buffer.position() < count) {
      if (channel.read(buffer, bufferOffset + buffer.position()) < 0) {
        throw new IOException("it became shorter while it was read");
      }
    }
    buffer.flip();
  }
}
