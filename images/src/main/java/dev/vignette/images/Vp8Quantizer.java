package dev.vignette.images;

/**
 * The steps by which the coefficients of a segment are multiplied (RFC 6386, 14.1): of luma, of the
 * luma's averages, and of chroma; first coefficient and others.
 */
record Vp8Quantizer(
    int lumaDc, int lumaAc, int averageDc, int averageAc, int chromaDc, int chromaAc) {

  /** For the index {@code base}, changed by five deltas in the order of the header. */
  static Vp8Quantizer of(int base, int[] deltas) {
    return new Vp8Quantizer(
        WebpTables.DC_STEPS[clip(base + deltas[0], 127)],
        WebpTables.AC_STEPS[clip(base, 127)],
        2 * WebpTables.DC_STEPS[clip(base + deltas[1], 127)],
        Math.max(8, WebpTables.AC_STEPS[clip(base + deltas[2], 127)] * 155 / 100),
        WebpTables.DC_STEPS[clip(base + deltas[3], 117)],
        WebpTables.AC_STEPS[clip(base + deltas[4], 127)]);
  }

  private static int clip(int index, int last) {
    return Math.clamp(index, 0, last);
  }
}
