package dev.vignette.images;

import dev.vignette.images.JpegScan.JpegSpectrum;
import java.util.Arrays;
import java.util.Optional;

/** Decodes the blocks of one component in one scan. */
abstract sealed class JpegBlocks {
  private final JpegComponent component;

  JpegBlocks(JpegComponent component) {
    this.component = component;
  }

  /** For a scan that names the tables {@code tableNumbers}, DC in the upper four bits. */
  static JpegBlocks of(
      JpegFrame frame,
      JpegComponent component,
      JpegTables tables,
      int tableNumbers,
      JpegSpectrum spectrum) {
    int dc = tableNumbers >> 4;
    int ac = tableNumbers & 15;
    if (!frame.progressive()) {
      return new JpegSequential(component, tables.dcOrStandard(dc), tables.acOrStandard(ac));
    }
    if (spectrum.refined()) {
      return spectrum.first() == 0
          ? new JpegMoreBits(component, spectrum)
          : new JpegMoreBits(component, spectrum, tables.ac(ac));
    }
    return new JpegFirstBits(
        component, spectrum, spectrum.first() == 0 ? tables.dc(dc) : tables.ac(ac));
  }

  JpegComponent component() {
    return component;
  }

  /** Decodes the block in {@code column} and {@code row} of the component. */
  abstract void decode(JpegBits bits, int column, int row);

  /** Forgets what was carried from block to block. */
  abstract void restart();

  /** Blocks with all their coefficients at once (ITU-T T.81, F.2), turned into samples at once. */
  static final class JpegSequential extends JpegBlocks {
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

  /**
   * The upper bits of some coefficients of a progressive file (ITU-T T.81, G.1.2.1 and G.1.2.2).
   */
  static final class JpegFirstBits extends JpegBlocks {
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

  /** One more bit of some coefficients of a progressive file (ITU-T T.81, G.1.2.1 and G.1.2.3). */
  static final class JpegMoreBits extends JpegBlocks {
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
}
