package dev.vignette.images;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes PNG files: all colour types and depths, interlaced ones, palettes and transparent
 * colours. Of 16-bit samples the high byte counts, as Pillow has it for colour; Pillow's {@code
 * convert("RGB")} of 16-bit grey, which turns everything above 255 of 65535 white, is not followed.
 * What is whole up to the last row is read, whatever comes after.
 */
final class PngDecoder {
  /** First column, first row, column step and row step of the passes of Adam7. */
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private static final int[][] ONE_PASS = {{0, 0, 1, 1}};

  private final ImageFile file;
  private final PngStructure png;
  private final PngPixels pixels;
  private final byte[] rgb;
  private int nextPart;

  PngDecoder(ImageFile file) {
    this.file = file;
    this.png = new PngStructure(file);
    if (png.pixelData().isEmpty()) {
      throw file.truncated("it ends before the pixels");
    }
    this.pixels = PngPixels.of(png, file);
    this.rgb = new byte[3 * png.width() * png.height()];
  }

  RgbImage decode() {
    Inflater inflater = new Inflater();
    try {
      for (int[] pass : png.interlaced() ? ADAM7 : ONE_PASS) {
        decodePass(inflater, pass[0], pass[1], pass[2], pass[3]);
      }
    } catch (DataFormatException failure) {
      throw file.damaged("its pixels cannot be decompressed", failure);
    } finally {
      inflater.end();
    }
    return file.oriented(new RgbImage(png.width(), png.height(), rgb), png.orientation());
  }

  private void decodePass(Inflater inflater, int left, int top, int across, int down)
      throws DataFormatException {
    int columns = (png.width() - left + across - 1) / across;
    if (columns <= 0) {
      return;
    }
    int bitsAPixel = png.bits() * png.samples();
    int rowBytes = Math.toIntExact(((long) columns * bitsAPixel + 7) / 8);
    PngFilter filter = new PngFilter(rowBytes, Math.max(1, bitsAPixel / 8));
    for (int y = top; y < png.height(); y += down) {
      inflate(inflater, filter.buffer(), y);
      byte[] row = filter.reconstruct();
      if (row.length == 0) {
        throw file.damaged(
            "row %d has the filter %d, and filters are 0 to 4".formatted(y, filter.type()));
      }
      pixels.write(row, columns, rgb, 3 * (y * png.width() + left), 3 * across);
    }
  }

  private void inflate(Inflater inflater, byte[] target, int y) throws DataFormatException {
    int filled = 0;
    while (filled < target.length) {
      int count = inflater.inflate(target, filled, target.length - filled);
      filled += count;
      if (count == 0) {
        if (inflater.finished() || inflater.needsDictionary()) {
          throw file.damaged("its pixels end in row %d of %d".formatted(y, png.height()));
        }
        if (nextPart == png.pixelData().size()) {
          throw file.truncated("its pixels end in row %d of %d".formatted(y, png.height()));
        }
        PngStructure.Part part = png.pixelData().get(nextPart++);
        inflater.setInput(file.bytes(), part.offset(), part.length());
      }
    }
  }
}
