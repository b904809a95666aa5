package dev.vignette.images;

/**
 * Which coefficients, and which of their bits, a scan is of (ITU-T T.81, G.1.1). In a sequential
 * file, all.
 *
 * @param first the first coefficient in the file's order, 0 to 63
 * @param last the last, {@code first} to 63
 * @param refined whether bits are added to coefficients of an earlier scan
 * @param shift how many bits are still missing after this scan
 */
record JpegSpectrum(int first, int last, boolean refined, int shift) {
  private static final int LARGEST_SHIFT = 13;

  static JpegSpectrum of(ImageFile file, boolean progressive, int first, int last, int bits) {
    if (!progressive) {
      return new JpegSpectrum(0, 63, false, 0);
    }
    int shift = bits & 15;
    boolean sensible = first == 0 ? last == 0 : last >= first && last <= 63;
    if (!sensible || shift > LARGEST_SHIFT) {
      throw file.damaged(
          "a scan is of coefficients %d to %d, shifted by %d".formatted(first, last, shift));
    }
    return new JpegSpectrum(first, last, bits >> 4 != 0, shift);
  }
}
