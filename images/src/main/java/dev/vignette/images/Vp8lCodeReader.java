package dev.vignette.images;

import java.util.Arrays;

/** Reads the prefix codes of lossless pictures (RFC 9649, 6.2.1). */
final class Vp8lCodeReader {
  private static final int[] LENGTH_ORDER = {
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  };
  private static final int REPEAT_PREVIOUS = 16;
  private static final int REPEAT_ZERO = 17;

  private Vp8lCodeReader() {}

  /** Reads a code of {@code symbols} symbols. */
  static Vp8lCode read(Vp8lBits bits, int symbols) {
    return Vp8lCode.of(bits.flag() ? simple(bits, symbols) : normal(bits, symbols), bits);
  }

  /** One or two symbols, of 1 or 8 bits. */
  private static int[] simple(Vp8lBits bits, int symbols) {
    boolean two = bits.flag();
    int first = bits.read(bits.flag() ? 8 : 1);
    int second = two ? bits.read(8) : first;
    if (first >= symbols || second >= symbols) {
      throw bits.damaged("has a prefix code of a symbol there is not");
    }
    int[] lengths = new int[symbols];
    lengths[first] = 1;
    lengths[second] = 1;
    return lengths;
  }

  private static int[] normal(Vp8lBits bits, int symbols) {
    int[] lengthLengths = new int[LENGTH_ORDER.length];
    int given = 4 + bits.read(4);
    for (int i = 0; i < given; i++) {
      lengthLengths[LENGTH_ORDER[i]] = bits.read(3);
    }
    Vp8lCode code = Vp8lCode.of(lengthLengths, bits);
    int left = bits.flag() ? 2 + bits.read(2 + 2 * bits.read(3)) : symbols;
    if (left > symbols) {
      throw bits.damaged("has a prefix code of %d symbols, more than %d".formatted(left, symbols));
    }
    int[] lengths = new int[symbols];
    int previous = 8;
    int symbol = 0;
    for (; symbol < symbols && left > 0; left--) {
      int length = code.read(bits);
      if (length < REPEAT_PREVIOUS) {
        lengths[symbol++] = length;
        previous = length == 0 ? previous : length;
        continue;
      }
      int repeated = length == REPEAT_PREVIOUS ? previous : 0;
      int count = repeats(bits, length);
      if (symbol + count > symbols) {
        throw bits.damaged("has a prefix code of more than %d symbols".formatted(symbols));
      }
      Arrays.fill(lengths, symbol, symbol + count, repeated);
      symbol += count;
    }
    return lengths;
  }

  private static int repeats(Vp8lBits bits, int code) {
    return switch (code) {
      case REPEAT_PREVIOUS -> 3 + bits.read(2);
      case REPEAT_ZERO -> 3 + bits.read(3);
      default -> 11 + bits.read(7);
    };
  }
}
