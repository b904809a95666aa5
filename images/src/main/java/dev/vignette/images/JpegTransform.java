package dev.vignette.images;

import java.util.Arrays;

/**
 * The inverse cosine transform of libjpeg's slow integer method (jidctint.c, the same in 6b and
 * libjpeg-turbo 3.1; after Loeffler, Ligtenberg and Moschytz, 1989): columns, then rows, with 13
 * bits behind the point of the constants and 2 more kept between the passes. Numbers of damaged
 * files that are too large for 16 bits are what libjpeg-turbo's vector code makes of them, on which
 * Pillow runs (jidctint-avx2.asm): products and first sums keep their lower 16 bits, and what goes
 * from the columns to the rows ends at the largest.
 */
final class JpegTransform {
  private static final int CONSTANT_BITS = 13;
  private static final int KEPT_BITS = 2;
  private static final int COLUMN_SHIFT = CONSTANT_BITS - KEPT_BITS;
  private static final int ROW_SHIFT = CONSTANT_BITS + KEPT_BITS + 3;

  private JpegTransform() {}

  /** The samples of a block of which only the first coefficient is there, already scaled. */
  static void fill(int coefficient, byte[] samples, int to, int stride) {
    byte sample = sample((short) (coefficient << KEPT_BITS) + 16 >> KEPT_BITS + 3);
    for (int row = to; row < to + 8 * stride; row += stride) {
      Arrays.fill(samples, row, row + 8, sample);
    }
  }

  /**
   * The 8 x 8 samples at {@code to} of the 64 coefficients at {@code from}, times {@code steps};
   * {@code work} has 64 numbers to work with.
   */
  static void transform(
      short[] coefficients, int from, int[] steps, int[] work, byte[] samples, int to, int stride) {
    for (int i = 0; i < 8; i++) {
      transformColumn(coefficients, from + i, steps, i, work);
    }
    for (int i = 0; i < 8; i++) {
      transformRow(work, 8 * i, samples, to + i * stride);
    }
  }

  private static void transformColumn(short[] in, int at, int[] steps, int column, int[] out) {
    int c0 = (short) (in[at] * steps[column]);
    if ((in[at + 8]
            | in[at + 16]
            | in[at + 24]
            | in[at + 32]
            | in[at + 40]
            | in[at + 48]
            | in[at + 56])
        == 0) {
      int value = c0 << KEPT_BITS;
      int kept = value == (short) value ? value : tooLarge(value, in, at - column);
      for (int i = column; i < 64; i += 8) {
        out[i] = kept;
      }
      return;
    }
    int c1 = (short) (in[at + 8] * steps[column + 8]);
    int c2 = (short) (in[at + 16] * steps[column + 16]);
    int c3 = (short) (in[at + 24] * steps[column + 24]);
    int c4 = (short) (in[at + 32] * steps[column + 32]);
    int c5 = (short) (in[at + 40] * steps[column + 40]);
    int c6 = (short) (in[at + 48] * steps[column + 48]);
    int c7 = (short) (in[at + 56] * steps[column + 56]);
    int half = 1 << COLUMN_SHIFT - 1;

    int rotated = (c2 + c6) * 4433;
    int even2 = rotated - c6 * 15137;
    int even3 = rotated + c2 * 6270;
    int sum = ((short) (c0 + c4) << CONSTANT_BITS) + half;
    int difference = ((short) (c0 - c4) << CONSTANT_BITS) + half;
    int third = (short) (c7 + c3);
    int fourth = (short) (c5 + c1);
    int common = (third + fourth) * 9633;
    int z1 = (c7 + c1) * -7373;
    int z2 = (c5 + c3) * -20995;
    int z3 = third * -16069 + common;
    int z4 = fourth * -3196 + common;
    int odd0 = c7 * 2446 + z1 + z3;
    int odd1 = c5 * 16819 + z2 + z4;
    int odd2 = c3 * 25172 + z2 + z3;
    int odd3 = c1 * 12299 + z1 + z4;

    out[column] = kept(sum + even3 + odd3 >> COLUMN_SHIFT);
    out[column + 56] = kept(sum + even3 - odd3 >> COLUMN_SHIFT);
    out[column + 8] = kept(difference + even2 + odd2 >> COLUMN_SHIFT);
    out[column + 48] = kept(difference + even2 - odd2 >> COLUMN_SHIFT);
    out[column + 16] = kept(difference - even2 + odd1 >> COLUMN_SHIFT);
    out[column + 40] = kept(difference - even2 - odd1 >> COLUMN_SHIFT);
    out[column + 24] = kept(sum - even3 + odd0 >> COLUMN_SHIFT);
    out[column + 32] = kept(sum - even3 - odd0 >> COLUMN_SHIFT);
  }

  private static void transformRow(int[] in, int at, byte[] out, int to) {
    int c1 = in[at + 1];
    int c2 = in[at + 2];
    int c3 = in[at + 3];
    int c5 = in[at + 5];
    int c6 = in[at + 6];
    int c7 = in[at + 7];
    int half = 1 << ROW_SHIFT - 1;

    int rotated = (c2 + c6) * 4433;
    int even2 = rotated - c6 * 15137;
    int even3 = rotated + c2 * 6270;
    int sum = ((short) (in[at] + in[at + 4]) << CONSTANT_BITS) + half;
    int difference = ((short) (in[at] - in[at + 4]) << CONSTANT_BITS) + half;
    int third = (short) (c7 + c3);
    int fourth = (short) (c5 + c1);
    int common = (third + fourth) * 9633;
    int z1 = (c7 + c1) * -7373;
    int z2 = (c5 + c3) * -20995;
    int z3 = third * -16069 + common;
    int z4 = fourth * -3196 + common;
    int odd0 = c7 * 2446 + z1 + z3;
    int odd1 = c5 * 16819 + z2 + z4;
    int odd2 = c3 * 25172 + z2 + z3;
    int odd3 = c1 * 12299 + z1 + z4;

    out[to] = sample(sum + even3 + odd3 >> ROW_SHIFT);
    out[to + 7] = sample(sum + even3 - odd3 >> ROW_SHIFT);
    out[to + 1] = sample(difference + even2 + odd2 >> ROW_SHIFT);
    out[to + 6] = sample(difference + even2 - odd2 >> ROW_SHIFT);
    out[to + 2] = sample(difference - even2 + odd1 >> ROW_SHIFT);
    out[to + 5] = sample(difference - even2 - odd1 >> ROW_SHIFT);
    out[to + 3] = sample(sum - even3 + odd0 >> ROW_SHIFT);
    out[to + 4] = sample(sum - even3 - odd0 >> ROW_SHIFT);
  }

  /** Where a block has its first row only, the lower bits are kept there, too. */
  private static int tooLarge(int value, short[] in, int from) {
    for (int i = from + 8; i < from + 64; i++) {
      if (in[i] != 0) {
        return kept(value);
      }
    }
    return (short) value;
  }

  private static int kept(int value) {
    return Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  private static byte sample(int value) {
    int shifted = value + 128;
    return (byte) ((shifted & ~0xFF) == 0 ? shifted : shifted < 0 ? 0 : 255);
  }
}
