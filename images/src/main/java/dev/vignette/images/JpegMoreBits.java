package dev.vignette.images;

import java.util.Optional;

/** One more bit of some coefficients of a progressive file (ITU-T T.81, G.1.2.1 and G.1.2.3). */
final class JpegMoreBits extends JpegBlocks {
  private final JpegSpectrum spectrum;
  private final Optional<JpegHuffman> codes;
  private int emptyBlocks;

  /** For first coefficients. */
  JpegMoreBits(JpegComponent component, JpegSpectrum spectrum) {
    super(component);
    this.spectrum = spectrum;
    this.codes = Optional.empty();
  }

  /** For the other coefficients. */
  JpegMoreBits(JpegComponent component, JpegSpectrum spectrum, JpegHuffman codes) {
    super(component);
    this.spectrum = spectrum;
    this.codes = Optional.of(codes);
  }

  @Override
  void decode(JpegBits bits, int column, int row) {
    short[] coefficients = component().coefficients(row);
    int block = 64 * column;
    if (codes.isEmpty()) {
      if (bits.read(1) != 0) {
        coefficients[block] |= (short) (1 << spectrum.shift());
      }
    } else {
      decodeRest(bits, codes.get(), coefficients, block);
    }
  }

  private void decodeRest(JpegBits bits, JpegHuffman table, short[] coefficients, int block) {
    int k = spectrum.first();
    if (emptyBlocks == 0) {
      for (; k <= spectrum.last(); k++) {
        int symbol = table.read(bits);
        int run = symbol >> 4;
        int added = 0;
        if ((symbol & 15) != 0) {
          added = bits.read(1) != 0 ? 1 << spectrum.shift() : -1 << spectrum.shift();
        } else if (run != 15) {
          emptyBlocks = (1 << run) + bits.read(run);
          break;
        }
        k = refine(bits, coefficients, block, k, run);
        if (added != 0) {
          coefficients[block + JpegTables.ZIGZAG[k]] = (short) added;
        }
      }
    }
    if (emptyBlocks > 0) {
      refine(bits, coefficients, block, k, 64);
      emptyBlocks--;
    }
  }

  /**
   * Adds bits to the coefficients that are there, from {@code from} to behind {@code zeros} that
   * are not.
   */
  private int refine(JpegBits bits, short[] coefficients, int block, int from, int zeros) {
    int left = zeros;
    int k = from;
    for (; k <= spectrum.last(); k++) {
      int at = block + JpegTables.ZIGZAG[k];
      if (coefficients[at] == 0) {
        if (left == 0) {
          break;
        }
        left--;
      } else if (bits.read(1) != 0 && (coefficients[at] & 1 << spectrum.shift()) == 0) {
        int bit = 1 << spectrum.shift();
        coefficients[at] += (short) (coefficients[at] > 0 ? bit : -bit);
      }
    }
    return k;
  }

  @Override
  void restart() {
    emptyBlocks = 0;
  }
}
