package dev.vignette.captions.shards;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/** Writes a tar by hand, and knows where what is in it. */
public final class ShardMaker {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();

  /** Adds a file. */
  public ShardMaker add(String name, byte[] content) {
    return add(name, '0', content);
  }

  /** Adds a file of text. */
  public ShardMaker add(String name, String text) {
    return add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds an entry of any type. */
  public ShardMaker add(String name, char type, byte[] content) {
    offsets.put(name, out.size());
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000644");
    put(header, 124, "%011o".formatted(content.length));
    put(header, 136, "00000000000");
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    sum(header);
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    return this;
  }

  private static void sum(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte one : header) {
      sum += one & 0xFF;
    }
    put(header, 148, "%06o".formatted(sum));
    header[154] = 0;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** Where the header of an entry is. */
  public int offset(String name) {
    return Objects.requireNonNull(offsets.get(name), name);
  }

  /** What was added, without an end. */
  public byte[] endless() {
    return out.toByteArray();
  }

  /** The tar. */
  public byte[] bytes() {
    byte[] entries = out.toByteArray();
    return Arrays.copyOf(entries, entries.length + 2 * BLOCK);
  }

  /** The tar with another byte in the header of an entry, behind its name. */
  public byte[] withDamaged(String name) {
    byte[] bytes = bytes();
    bytes[offset(name) + 110] ^= 0x55;
    return bytes;
  }

  /** Writes the tar to {@code file}. */
  public Path write(Path file) {
    return write(file, bytes());
  }

  /** Writes {@code bytes} to {@code file}. */
  public static Path write(Path file, byte[] bytes) {
    try {
      return Files.write(file, bytes);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** {@code bytes} packed by gzip. */
  public static byte[] packed(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return packed.toByteArray();
  }
}
