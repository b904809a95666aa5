package dev.vignette.images;

import java.util.Arrays;

/** Blocks with all their coefficients at once (ITU-T T.81, F.2), turned into samples at once. */
final class JpegSequential extends JpegBlocks {
  private final short[] block = new short[64];
  private final JpegHuffman dc;
  private final JpegHuffman ac;
  private int previous;

  JpegSequential(JpegComponent component, JpegHuffman dc, JpegHuffman ac) {
    super(component);
    this.dc = dc;
    this.ac = ac;
  }

  @Override
  void decode(JpegBits bits, int column, int row) {
    Arrays.fill(block, (short) 0);
    previous += bits.readSigned(dc.read(bits));
    block[0] = (short) previous;
    int last = 0;
    for (int k = 1; k < 64; k++) {
      int symbol = ac.read(bits);
      int size = symbol & 15;
      k += symbol >> 4;
      if (size != 0) {
        block[JpegTables.ZIGZAG[k]] = (short) bits.readSigned(size);
        last = k;
      } else if (symbol != 0xF0) {
        break;
      }
    }
    component().transform(block, 0, column, row, last);
  }

  @Override
  void restart() {
    previous = 0;
  }
}
