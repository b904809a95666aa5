package dev.vignette.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * What is packed by gzip (RFC 1952), one member or several one after another, to the very end of
 * the file. {@link java.util.zip.GZIPInputStream} takes a later member whose header is damaged for
 * the end and drops the rest in silence; this says so. Zeros behind the last member are padding.
 */
public final class WholeGzip extends InputStream {
  private static final int MAGIC_1 = 0x1F;
  private static final int MAGIC_2 = 0x8B;
  private static final int DEFLATE = 8;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int ONE_BYTE = 0xFF;
  private static final long ONE_INT = 0xFFFF_FFFFL;

  private final InputStream in;
  private final byte[] block;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private int at;
  private int end;
  private boolean ended;

  /**
   * Reads the first header.
   *
   * @param buffer packed bytes that are read at once
   * @throws IOException if {@code in} does not begin with a member
   */
  public WholeGzip(InputStream in, int buffer) throws IOException {
    this.in = in;
    this.block = new byte[buffer];
    if (next() < 0) {
      throw new EOFException("a gzip file is not empty");
    }
    at--;
    readHeader();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & ONE_BYTE;
  }

  @Override
  public int read(byte[] bytes, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    try {
      while (!ended) {
        int length = inflater.inflate(bytes, from, count);
        if (length > 0) {
          crc.update(bytes, from, length);
          return length;
        }
        if (inflater.finished()) {
          endMember();
        } else if (inflater.needsInput()) {
          if (!fill()) {
            throw cut();
          }
          inflater.setInput(block, at, end - at);
          at = end;
        } else {
          throw new ZipException("this gzip file wants a dictionary, which gzip has not");
        }
      }
      return -1;
    } catch (DataFormatException failure) {
      throw new ZipException("the packed data are damaged: " + failure.getMessage());
    }
  }

  /** Checks what follows a member's data, and begins the next one if there is one. */
  private void endMember() throws IOException {
    at = end - inflater.getRemaining();
    if (readInt() != crc.getValue() || readInt() != (inflater.getBytesWritten() & ONE_INT)) {
      throw new ZipException("the checksum of the packed data is not that of what was unpacked");
    }
    inflater.reset();
    crc.reset();
    int first = next();
    while (first == 0) {
      first = next();
      if (first > 0) {
        throw new ZipException("bytes that are no gzip follow the padding behind the packed data");
      }
    }
    if (first < 0) {
      ended = true;
      return;
    }
    at--;
    readHeader();
  }

  private void readHeader() throws IOException {
    if (readByte() != MAGIC_1 || readByte() != MAGIC_2 || readByte() != DEFLATE) {
      throw new ZipException("bytes that are no gzip are where a part of the file should begin");
    }
    int flags = readByte();
    skip(6); // time, how it was packed, system
    if ((flags & EXTRA) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CRC) != 0) {
      skip(2);
    }
    inflater.setInput(block, at, end - at);
    at = end;
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    while (readByte() != 0) {
      // until its end
    }
  }

  private long readInt() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      value |= (long) readByte() << shift;
    }
    return value;
  }

  private int readByte() throws IOException {
    int value = next();
    if (value < 0) {
      throw cut();
    }
    return value;
  }

  private static EOFException cut() {
    return new EOFException("the gzip file ends in the middle of its data");
  }

  private int next() throws IOException {
    return at < end || fill() ? block[at++] & ONE_BYTE : -1;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(block, 0, block.length));
    return end > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
