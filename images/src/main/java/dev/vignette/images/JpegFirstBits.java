package dev.vignette.images;

/** The upper bits of some coefficients of a progressive file (ITU-T T.81, G.1.2.1 and G.1.2.2). */
final class JpegFirstBits extends JpegBlocks {
  private final JpegSpectrum spectrum;
  private final JpegHuffman codes;
  private int previous;
  private int emptyBlocks;

  JpegFirstBits(JpegComponent component, JpegSpectrum spectrum, JpegHuffman codes) {
    super(component);
    this.spectrum = spectrum;
    this.codes = codes;
  }

  @Override
  void decode(JpegBits bits, int column, int row) {
    short[] coefficients = component().coefficients(row);
    int block = 64 * column;
    if (spectrum.first() == 0) {
      previous += bits.readSigned(codes.read(bits));
      coefficients[block] = (short) (previous << spectrum.shift());
    } else if (emptyBlocks > 0) {
      emptyBlocks--;
    } else {
      decodeRest(bits, coefficients, block);
    }
  }

  private void decodeRest(JpegBits bits, short[] coefficients, int block) {
    for (int k = spectrum.first(); k <= spectrum.last(); k++) {
      int symbol = codes.read(bits);
      int run = symbol >> 4;
      int size = symbol & 15;
      if (size != 0) {
        k += run;
        coefficients[block + JpegTables.ZIGZAG[k]] =
            (short) (bits.readSigned(size) << spectrum.shift());
      } else if (run == 15) {
        k += 15;
      } else {
        emptyBlocks = (1 << run) + bits.read(run) - 1;
        return;
      }
    }
  }

  @Override
  void restart() {
    previous = 0;
    emptyBlocks = 0;
  }
}
