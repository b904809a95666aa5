package dev.vignette.captions.shards;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A block of 512 bytes that stands before each entry of a tar, in the form of POSIX (ustar), of GNU
 * or of version 7, as <i>The Open Group Base Specifications, pax</i> and GNU tar's manual describe
 * them.
 */
public final class TarHeader {
  static final int BLOCK = 512;

  private static final int NAME = 100;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;
  private static final int MAGIC = 257;
  private static final byte[] USTAR = {'u', 's', 't', 'a', 'r'};

  private final byte[] block;

  /** Returns whether these bytes, the first of a file, surely begin an archive. */
  public static boolean beginsArchive(byte[] head) {
    return head.length >= BLOCK && new TarHeader(Arrays.copyOf(head, BLOCK)).isSurelyGood();
  }

  /**
   * A header that may be damaged.
   *
   * @param block of 512 bytes, which is not copied
   */
  TarHeader(byte[] block) {
    this.block = block;
  }

  /** Whether the block is all zeros, as two are at the end of a tar. */
  boolean isZero() {
    for (byte one : block) {
      if (one != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the checksum is that of the block; of version 7 nothing else can be checked. */
  boolean isGood() {
    Optional<Long> stated = octal(CHECKSUM, CHECKSUM_END);
    int unsigned = 0;
    int signed = 0; // as some old programs summed
    for (int i = 0; i < BLOCK; i++) {
      int one = i >= CHECKSUM && i < CHECKSUM_END ? ' ' : block[i];
      unsigned += one & 0xFF;
      signed += one;
    }
    return stated.isPresent()
        && (stated.get() == unsigned || stated.get() == signed)
        && size().isPresent();
  }

  /** Whether it is good and says that it is a header, so that no bytes of an image pass for one. */
  boolean isSurelyGood() {
    return hasMagic() && isGood();
  }

  private boolean hasMagic() {
    return Arrays.equals(block, MAGIC, MAGIC + USTAR.length, USTAR, 0, USTAR.length);
  }

  /** What kind of entry it is: {@code '0'} or NUL for a file. */
  char type() {
    return (char) (block[156] & 0xFF);
  }

  /** Bytes of the entry, empty if that is no number of 0 or more. */
  Optional<Long> size() {
    if ((block[124] & 0x80) == 0) {
      return octal(124, 136);
    }
    // GNU's base 256: the first bit set, then a big-endian number of 95 bits, of which 63 are used
    int high = ByteBuffer.wrap(block, 124, Integer.BYTES).getInt();
    long size = ByteBuffer.wrap(block, 128, Long.BYTES).getLong();
    return high == 1 << 31 && isPossible(size) ? Optional.of(size) : Optional.empty();
  }

  /** Whether a file can have so many bytes; more would not fit into a tar's offsets. */
  static boolean isPossible(long size) {
    return size >= 0 && size < 1L << 56;
  }

  /** The name of the entry, with the prefix of ustar; empty if it is no UTF-8. */
  Optional<String> name() {
    byte[] name = text(0, NAME);
    boolean posix = hasMagic() && block[MAGIC + USTAR.length] == 0;
    byte[] prefix = posix ? text(345, 500) : new byte[0];
    if (prefix.length == 0) {
      return decode(name);
    }
    return decode(prefix).flatMap(folder -> decode(name).map(file -> folder + "/" + file));
  }

  private byte[] text(int from, int to) {
    int end = from;
    while (end < to && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, from, end);
  }

  /** A number in octal digits between spaces or NULs. */
  private Optional<Long> octal(int from, int to) {
    String digits = new String(text(from, to), StandardCharsets.ISO_8859_1).strip();
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '7')) {
      return digits.isEmpty() && from != CHECKSUM ? Optional.of(0L) : Optional.empty();
    }
    return Optional.of(Long.parseLong(digits, 8));
  }

  /**
   * The headers of a file that anybody may read, of no owner and no time: one block of ustar, after
   * two of PAX where the name is longer than 100 bytes.
   */
  static byte[] ofFile(String name, int size) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] file = block(bytes, size, '0');
    if (bytes.length <= NAME) {
      return file;
    }
    byte[] path = paxPath(name);
    byte[] pax = block("pax".getBytes(StandardCharsets.UTF_8), path.length, 'x');
    byte[] all = Arrays.copyOf(pax, BLOCK + (int) padded(path.length) + BLOCK);
    System.arraycopy(path, 0, all, BLOCK, path.length);
    System.arraycopy(file, 0, all, all.length - BLOCK, BLOCK);
    return all;
  }

  /** {@code "LENGTH path=NAME\n"}, whose length counts its own digits. */
  private static byte[] paxPath(String name) {
    byte[] rest = (" path=" + name + "\n").getBytes(StandardCharsets.UTF_8);
    int length = rest.length + 1;
    while (Integer.toString(length).length() + rest.length > length) {
      length++;
    }
    return (length + " path=" + name + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] block(byte[] name, int size, char type) {
    byte[] block = new byte[BLOCK];
    System.arraycopy(name, 0, block, 0, Math.min(NAME, name.length));
    put(block, 100, "0000644"); // mode; each number ends with NUL
    put(block, 108, "0000000"); // user
    put(block, 116, "0000000"); // group
    put(block, 124, "%011o".formatted(size));
    put(block, 136, "00000000000"); // time
    put(block, CHECKSUM, "        ");
    block[156] = (byte) type;
    put(block, MAGIC, "ustar");
    put(block, 263, "00");
    int sum = 0;
    for (byte one : block) {
      sum += one & 0xFF;
    }
    put(block, CHECKSUM, "%06o".formatted(sum));
    block[154] = 0; // then the space that is there
    return block;
  }

  private static void put(byte[] block, int at, String ascii) {
    byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  /** Text in UTF-8; empty if it is none. */
  static Optional<String> decode(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  /** How many bytes {@code size} bytes take with the zeros that fill their last block. */
  static long padded(long size) {
    return Math.ceilDiv(size, BLOCK) * BLOCK;
  }
}
