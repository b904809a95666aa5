package dev.vignette.images;

/**
 * A Huffman table of a JPEG file (ITU-T T.81, annex C): codes of up to 16 bits for symbols of 8.
 */
final class JpegHuffman {
  private static final int MAX_LENGTH = 16;
  private static final int LOOKUP_BITS = 9;

  private final int[] counts;
  private final byte[] symbols;

  /**
   * For each value of the next bits: length and symbol of the code they begin with, or 0 for a
   * longer one.
   */
  private final short[] lookup = new short[1 << LOOKUP_BITS];

  /**
   * A table of {@code symbols} in the order of their codes.
   *
   * @param counts how many codes have each length: (17), the first unused
   */
  JpegHuffman(int[] counts, byte[] symbols) {
    this.counts = counts;
    this.symbols = symbols;
    int code = 0;
    int index = 0;
    for (int length = 1; length <= LOOKUP_BITS; length++, code <<= 1) {
      for (int i = 0; i < counts[length]; i++, code++, index++) {
        int first = code << LOOKUP_BITS - length;
        for (int entry = first; entry < first + (1 << LOOKUP_BITS - length); entry++) {
          lookup[entry] = (short) (length << 8 | symbols[index] & 0xFF);
        }
      }
    }
  }

  /** Whether the codes of each length fit into it; tables that fail are refused. */
  static boolean fits(int[] counts) {
    int code = 0;
    for (int length = 1; length <= MAX_LENGTH; length++, code <<= 1) {
      code += counts[length];
      if (code > 1 << length) {
        return false;
      }
    }
    return true;
  }

  /** The largest symbol. */
  int largest() {
    int largest = 0;
    for (byte symbol : symbols) {
      largest = Math.max(largest, symbol & 0xFF);
    }
    return largest;
  }

  /** Reads a symbol; bits that no code begins with give 0, 17 of them as in libjpeg. */
  int read(JpegBits bits) {
    int entry = lookup[bits.peek(LOOKUP_BITS)];
    if (entry != 0) {
      bits.skip(entry >> 8);
      return entry & 0xFF;
    }
    return readLong(bits);
  }

  private int readLong(JpegBits bits) {
    int next = bits.peek(MAX_LENGTH);
    int first = 0;
    int index = 0;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      int code = next >> MAX_LENGTH - length;
      if (code - first < counts[length]) {
        bits.skip(length);
        return symbols[index + code - first] & 0xFF;
      }
      index += counts[length];
      first = first + counts[length] << 1;
    }
    bits.skip(MAX_LENGTH + 1);
    return 0;
  }
}
