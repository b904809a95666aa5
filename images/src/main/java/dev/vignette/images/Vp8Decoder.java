package dev.vignette.images;

import dev.vignette.images.Vp8Frame.Plane;
import dev.vignette.images.WebpStructure.Part;

/**
 * Decodes VP8 key frames (RFC 6386), which lossy WebP files are made of. Macroblocks are predicted
 * from unfiltered ones; the whole picture is filtered in the end.
 */
final class Vp8Decoder {
  private final ImageFile file;
  private final Vp8Header header;
  private final int columns;
  private final int rows;
  private final Vp8Frame frame;
  private final Vp8Modes modes;
  private final Vp8Coefficients coefficients;
  private final Vp8BlockPredictor blockPredictor = new Vp8BlockPredictor();
  private final byte[] beyond = new byte[4];
  private final byte[] filterLevels;
  private final boolean[] filterInside;

  Vp8Decoder(ImageFile file, Part data) {
    this.file = file;
    this.header = new Vp8Header(file, data);
    this.columns = (header.width() + 15) / 16;
    this.rows = (header.height() + 15) / 16;
    this.frame = Vp8Frame.of(header.width(), header.height());
    this.modes = new Vp8Modes(header, columns);
    this.coefficients = new Vp8Coefficients(header, columns);
    this.filterLevels = new byte[columns * rows];
    this.filterInside = new boolean[columns * rows];
  }

  Vp8Frame decode() {
    for (int row = 0; row < rows; row++) {
      decodeRow(row);
    }
    if (header.filters()) {
      Vp8LoopFilter filter = new Vp8LoopFilter(header, frame);
      for (int i = 0; i < filterLevels.length; i++) {
        filter.filter(i % columns, i / columns, filterLevels[i], filterInside[i]);
      }
    }
    return frame;
  }

  private void decodeRow(int row) {
    Vp8BoolDecoder data = header.coefficients(row);
    modes.startRow();
    coefficients.startRow();
    for (int column = 0; column < columns; column++) {
      modes.read(column);
      boolean any = false;
      if (modes.skipped()) {
        coefficients.skip(column, modes.inBlocks());
      } else {
        any = coefficients.read(data, column, modes);
      }
      int macroblock = row * columns + column;
      filterLevels[macroblock] = (byte) header.filterLevel(modes.segment(), modes.inBlocks());
      filterInside[macroblock] = modes.inBlocks() || any;
      predictLuma(column, row);
      Vp8Predictor.predict(frame.u(), 8 * column, 8 * row, 8, modes.chroma());
      Vp8Predictor.predict(frame.v(), 8 * column, 8 * row, 8, modes.chroma());
      for (int block = 0; block < 4; block++) {
        addBlock(16 + block, frame.u(), 8 * column + 4 * (block & 1), 8 * row + 4 * (block >> 1));
        addBlock(20 + block, frame.v(), 8 * column + 4 * (block & 1), 8 * row + 4 * (block >> 1));
      }
    }
    if (header.first().exhausted() || data.exhausted()) {
      throw file.truncated(
          "its VP8 picture ends in row %d of %d".formatted(16 * row, header.height()));
    }
  }

  private void predictLuma(int column, int row) {
    Plane luma = frame.luma();
    if (!modes.inBlocks()) {
      Vp8Predictor.predict(luma, 16 * column, 16 * row, 16, modes.luma());
      for (int block = 0; block < 16; block++) {
        addBlock(block, luma, 16 * column + 4 * (block & 3), 16 * row + (block & 12));
      }
      return;
    }
    findBeyond(luma, column, row);
    for (int block = 0; block < 16; block++) {
      int x = 16 * column + 4 * (block & 3);
      int y = 16 * row + (block & 12);
      int at = luma.at(x, y);
      boolean last = (block & 3) == 3;
      blockPredictor.predict(
          modes.blocks()[block],
          luma.samples(),
          at,
          luma.stride(),
          last ? beyond : luma.samples(),
          last ? 0 : at - luma.stride() + 4);
      addBlock(block, luma, x, y);
    }
  }

  /**
   * The four samples above and to the right of a macroblock, which all rows of its last blocks use.
   * At the right border of the picture the last sample above is repeated, as libwebp does.
   */
  private void findBeyond(Plane luma, int column, int row) {
    int above = luma.at(16 * column + 15, 16 * row - 1);
    boolean border = column == columns - 1;
    for (int i = 0; i < beyond.length; i++) {
      beyond[i] = luma.samples()[border ? above : above + 1 + i];
    }
  }

  private void addBlock(int block, Plane plane, int x, int y) {
    int extent = coefficients.extents()[block];
    if (extent > 1) {
      Vp8Transform.addBlock(
          coefficients.values(), 16 * block, plane.samples(), plane.at(x, y), plane.stride());
    } else if (extent == 1) {
      Vp8Transform.addAverage(
          coefficients.values()[16 * block], plane.samples(), plane.at(x, y), plane.stride());
    }
  }
}
