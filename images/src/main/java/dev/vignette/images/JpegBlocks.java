package dev.vignette.images;

/** Decodes the blocks of one component in one scan. */
abstract sealed class JpegBlocks permits JpegSequential, JpegFirstBits, JpegMoreBits {
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
}
