package dev.vignette.weights;

import java.nio.ByteBuffer;

/** Where stored data are looked into, whether anything is in them. */
public final class FilledSamples {
  /** Bytes at each place. */
  public static final int BYTES = 512;

  /** Smaller data may be zeros. */
  private static final int LEAST_BYTES = 16 << 10;

  private static final int PLACES = 16;

  private FilledSamples() {}

  /** Offsets from the first byte to the last, where elements of all sizes begin; none in few. */
  public static long[] places(long bytes) {
    if (bytes < LEAST_BYTES) {
      return new long[0];
    }
    long[] places = new long[PLACES];
    for (int i = 0; i < PLACES; i++) {
      places[i] = (bytes - BYTES) * i / (PLACES - 1) & -BYTES;
    }
    return places;
  }

  /** Whether nothing is in a full buffer. */
  public static boolean isZeros(ByteBuffer sample) {
    for (int i = 0; i < sample.limit(); i++) {
      if (sample.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
