package dev.vignette.images;

/**
 * A canonical prefix code (RFC 9649, 6): shorter codes first, then smaller symbols. Short codes are
 * looked up in a table, longer ones counted through.
 */
final class Vp8lCode {
  private static final int MAX_LENGTH = 15;
  private static final int TABLE_BITS = 8;

  private final int[] counts = new int[MAX_LENGTH + 1];
  private final int[] symbols;
  private final int[] table;
  private final int tableBits;

  private Vp8lCode(int[] lengths, Vp8lBits bits) {
    int longest = 0;
    int used = 0;
    for (int length : lengths) {
      if (length > 0) {
        counts[length]++;
        longest = Math.max(longest, length);
        used++;
      }
    }
    int[] next = new int[MAX_LENGTH + 2];
    int room = 1;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      next[length + 1] = next[length] + counts[length];
      room = 2 * room - counts[length];
      if (room < 0) {
        throw bits.damaged("has a prefix code with too many symbols");
      }
    }
    if (used == 0 || used > 1 && room != 0) {
      throw bits.damaged("has a prefix code with too few symbols");
    }
    symbols = new int[used];
    for (int symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] > 0) {
        symbols[next[lengths[symbol]]++] = symbol;
      }
    }
    tableBits = used == 1 ? 0 : Math.min(longest, TABLE_BITS);
    table = used == 1 ? new int[] {symbols[0]} : table();
  }

  /**
   * A code of which each symbol has the length given; 0 for symbols that do not occur. A single
   * symbol takes no bits.
   */
  static Vp8lCode of(int[] lengths, Vp8lBits bits) {
    return new Vp8lCode(lengths, bits);
  }

  /**
   * For each value of the next bits: symbol and length of the code they begin with, or 0 for a
   * longer one.
   */
  private int[] table() {
    int[] entries = new int[1 << tableBits];
    int code = 0;
    int index = 0;
    for (int length = 1; length <= tableBits; length++, code <<= 1) {
      for (int i = 0; i < counts[length]; i++, code++, index++) {
        int reversed = Integer.reverse(code) >>> 32 - length;
        for (int entry = reversed; entry < entries.length; entry += 1 << length) {
          entries[entry] = symbols[index] << 4 | length;
        }
      }
    }
    return entries;
  }

  /** Reads a symbol. */
  int read(Vp8lBits bits) {
    if (tableBits == 0) {
      return table[0];
    }
    int entry = table[bits.peek(tableBits)];
    if (entry != 0) {
      bits.skip(entry & 15);
      return entry >> 4;
    }
    return readLong(bits);
  }

  private int readLong(Vp8lBits bits) {
    int code = 0;
    int first = 0;
    int index = 0;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      code |= bits.read(1);
      if (code - first < counts[length]) {
        return symbols[index + code - first];
      }
      index += counts[length];
      first = first + counts[length] << 1;
      code <<= 1;
    }
    throw bits.damaged("has a code that no symbol has");
  }
}
