package dev.vignette.images;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** Writes PNG files of one row. */
final class PngFiles {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

  private PngFiles() {}

  /**
   * Grey samples of {@code bits} bits; {@code transparent} is the sample that is transparent, or
   * -1.
   */
  static byte[] grey(int bits, int[] samples, int transparent) {
    long packed = 0;
    for (int sample : samples) {
      packed = packed << bits | sample;
    }
    int used = bits * samples.length;
    byte[] row = ByteBuffer.allocate(9).put((byte) 0).putLong(packed << 64 - used).array();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    file.writeBytes(header(samples.length, 1, bits, 0));
    if (transparent >= 0) {
      file.writeBytes(chunk("tRNS", new byte[] {(byte) (transparent >> 8), (byte) transparent}));
    }
    file.writeBytes(chunk("IDAT", deflate(row, 1 + (used + 7) / 8)));
    file.writeBytes(chunk("IEND", new byte[0]));
    return file.toByteArray();
  }

  /** A file that has a header only. */
  static byte[] headerOnly(int width, int height) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    file.writeBytes(header(width, height, 8, 2));
    return file.toByteArray();
  }

  private static byte[] header(int width, int height, int bits, int colorType) {
    byte[] data =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) bits)
            .put((byte) colorType)
            .array();
    return chunk("IHDR", data);
  }

  private static byte[] chunk(String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    return ByteBuffer.allocate(12 + data.length)
        .putInt(data.length)
        .put(name)
        .put(data)
        .putInt((int) sum.getValue())
        .array();
  }

  private static byte[] deflate(byte[] bytes, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(bytes, 0, length);
    } catch (java.io.IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }
}
