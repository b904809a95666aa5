package dev.vignette.images;

/** VP8's arithmetic decoder of bits (RFC 6386, 7). */
final class Vp8BoolDecoder {
  private final byte[] bytes;
  private final int end;
  private int position;
  private int range = 255;
  private int value;
  private int ahead = -8;
  private boolean exhausted;

  /** Decodes {@code bytes} from {@code from} to before {@code to}. */
  Vp8BoolDecoder(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  /** Whether more was read than there is; the surplus reads as zeros. */
  boolean exhausted() {
    return exhausted;
  }

  /** The next bit, which is 0 with {@code probability} out of 256: 0 or 1. */
  int bit(int probability) {
    if (ahead < 0) {
      load();
    }
    int split = 1 + ((range - 1) * probability >> 8);
    int limit = split << ahead;
    int bit;
    if (value >= limit) {
      value -= limit;
      range -= split;
      bit = 1;
    } else {
      range = split;
      bit = 0;
    }
    int shift = Integer.numberOfLeadingZeros(range) - 24;
    range <<= shift;
    ahead -= shift;
    return bit;
  }

  private void load() {
    do {
      int next = 0;
      if (position < end) {
        next = bytes[position++] & 0xFF;
      } else {
        exhausted = true;
      }
      value = value << 8 | next;
      ahead += 8;
    } while (ahead < 0);
  }

  /** The next bit, either way as likely. */
  boolean flag() {
    return bit(128) != 0;
  }

  /** An unsigned number of {@code bits} bits. */
  int number(int bits) {
    int number = 0;
    for (int i = 0; i < bits; i++) {
      number = 2 * number + bit(128);
    }
    return number;
  }

  /** A number of {@code bits} bits and its sign. */
  int signedNumber(int bits) {
    int number = number(bits);
    return flag() ? -number : number;
  }

  /** A signed number if the next bit says so, else 0. */
  int optionalNumber(int bits) {
    return flag() ? signedNumber(bits) : 0;
  }
}
