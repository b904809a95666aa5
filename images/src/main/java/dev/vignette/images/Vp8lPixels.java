package dev.vignette.images;

/**
 * The entropy-coded pixels of a lossless picture or of one of the pictures that its transforms and
 * codes need (RFC 9649, 5): literals, copies of earlier pixels, and colours out of a cache.
 */
final class Vp8lPixels {
  private static final int LENGTHS = 24;
  private static final int LITERALS = 256;
  private static final int DISTANCES = 40;
  private static final int SHORT_DISTANCES = 120;
  private static final int CACHE_FACTOR = 0x1E35A7BD;

  /** The codes of green (with lengths and cache), red, blue, alpha and distance. */
  private record Codes(
      Vp8lCode green, Vp8lCode red, Vp8lCode blue, Vp8lCode alpha, Vp8lCode distance) {}

  private final Vp8lBits bits;
  private final int width;
  private final int[] argb;
  private final int cacheBits;
  private final int[] cache;
  private int groupBits;
  private int[] groupOf = new int[0];
  private final Codes[] groups;

  private Vp8lPixels(Vp8lBits bits, int width, int height, boolean main) {
    this.bits = bits;
    this.width = width;
    this.cacheBits = bits.flag() ? bits.read(4) : 0;
    if (cacheBits > 11) {
      throw bits.damaged("has a colour cache of %d bits, more than 11".formatted(cacheBits));
    }
    this.cache = new int[cacheBits == 0 ? 0 : 1 << cacheBits];
    int count = main && bits.flag() ? readGroups(height) : 1;
    this.groups = new Codes[count];
    for (int i = 0; i < count; i++) {
      groups[i] =
          new Codes(
              Vp8lCodeReader.read(bits, LITERALS + LENGTHS + cache.length),
              Vp8lCodeReader.read(bits, LITERALS),
              Vp8lCodeReader.read(bits, LITERALS),
              Vp8lCodeReader.read(bits, LITERALS),
              Vp8lCodeReader.read(bits, DISTANCES));
    }
    this.argb = new int[width * height];
  }

  /**
   * Reads {@code width} x {@code height} pixels; only the main picture may have several groups of
   * codes.
   */
  static int[] read(Vp8lBits bits, int width, int height, boolean main) {
    Vp8lPixels pixels = new Vp8lPixels(bits, width, height, main);
    pixels.decode();
    return pixels.argb;
  }

  /** Reads which group of codes each square of pixels has; returns their number. */
  private int readGroups(int height) {
    groupBits = 2 + bits.read(3);
    groupOf =
        read(
            bits,
            Vp8lTransform.squares(width, groupBits),
            Vp8lTransform.squares(height, groupBits),
            false);
    int last = 0;
    for (int i = 0; i < groupOf.length; i++) {
      groupOf[i] = groupOf[i] >> 8 & 0xFFFF;
      last = Math.max(last, groupOf[i]);
    }
    return last + 1;
  }

  private void decode() {
    int at = 0;
    while (at < argb.length) {
      Codes codes = groups.length == 1 ? groups[0] : codesAt(at);
      int symbol = codes.green().read(bits);
      if (symbol < LITERALS) {
        int red = codes.red().read(bits);
        int blue = codes.blue().read(bits);
        int alpha = codes.alpha().read(bits);
        put(at++, alpha << 24 | red << 16 | symbol << 8 | blue);
      } else if (symbol < LITERALS + LENGTHS) {
        int length = readValue(symbol - LITERALS);
        at = copy(at, length, distance(readValue(codes.distance().read(bits))));
      } else {
        put(at++, cache[symbol - LITERALS - LENGTHS]);
      }
    }
  }

  private Codes codesAt(int at) {
    int x = at % width;
    int y = at / width;
    return groups[
        groupOf[(y >> groupBits) * Vp8lTransform.squares(width, groupBits) + (x >> groupBits)]];
  }

  /** A length or distance: small ones as they are, larger ones with bits behind. */
  private int readValue(int code) {
    if (code < 4) {
      return code + 1;
    }
    int extra = code - 2 >> 1;
    return (2 + (code & 1) << extra) + bits.read(extra) + 1;
  }

  /**
   * The distance in pixels that a distance code means: short ones point at neighbours in rows
   * above.
   */
  private int distance(int code) {
    if (code > SHORT_DISTANCES) {
      return code - SHORT_DISTANCES;
    }
    int left = WebpTables.DISTANCES[2 * code - 2];
    int up = WebpTables.DISTANCES[2 * code - 1];
    return Math.max(1, left + up * width);
  }

  private int copy(int at, int length, int distance) {
    if (distance > at || length > argb.length - at) {
      throw bits.damaged("copies pixels that are not there");
    }
    for (int i = at; i < at + length; i++) {
      put(i, argb[i - distance]);
    }
    return at + length;
  }

  private void put(int at, int pixel) {
    argb[at] = pixel;
    if (cacheBits > 0) {
      cache[pixel * CACHE_FACTOR >>> 32 - cacheBits] = pixel;
    }
  }
}
