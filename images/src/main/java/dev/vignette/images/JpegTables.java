package dev.vignette.images;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The tables that a JPEG file has defined so far (ITU-T T.81, B.2.4). */
final class JpegTables {
  /**
   * Where the coefficients stand, by their order in the file; corrupt data may reach 16 beyond the
   * last.
   */
  static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 63, 63, 63, 63, 63
  };

  private static final int LARGEST_DC_SYMBOL = 15;

  private final ImageFile file;
  private final int[][] quantization = new int[4][0];
  private final @Nullable JpegHuffman[] dc = new @Nullable JpegHuffman[4];
  private final @Nullable JpegHuffman[] ac = new @Nullable JpegHuffman[4];
  private int restartInterval;

  JpegTables(ImageFile file) {
    this.file = file;
  }

  /** Reads quantization tables from {@code from} to before {@code to}. */
  void readQuantization(int from, int to) {
    int at = from;
    while (at < to) {
      int head = file.unsigned8(at++);
      int bytes = head >> 4 == 0 ? 1 : 2;
      if ((head & 15) > 3 || at + 64 * bytes > to) {
        throw file.damaged("a quantization table is not whole");
      }
      int[] table = new int[64];
      for (int i = 0; i < 64; i++, at += bytes) {
        table[ZIGZAG[i]] = bytes == 1 ? file.unsigned8(at) : file.bigEndian16(at);
      }
      quantization[head & 15] = table;
    }
  }

  /** Reads Huffman tables from {@code from} to before {@code to}. */
  void readHuffman(int from, int to) {
    int at = from;
    while (at < to) {
      int head = file.unsigned8(at);
      if ((head & ~0x13) != 0 || at + 17 > to) {
        throw file.damaged("a Huffman table is not whole");
      }
      int[] counts = new int[17];
      int symbols = 0;
      for (int i = 1; i <= 16; i++) {
        counts[i] = file.unsigned8(at + i);
        symbols += counts[i];
      }
      at += 17;
      if (symbols > 256 || at + symbols > to || !JpegHuffman.fits(counts)) {
        throw file.damaged("a Huffman table has %d codes, which do not fit".formatted(symbols));
      }
      JpegHuffman table =
          new JpegHuffman(counts, Arrays.copyOfRange(file.bytes(), at, at + symbols));
      ((head & 0x10) == 0 ? dc : ac)[head & 3] = table;
      at += symbols;
    }
  }

  /** Reads how many units there are between restart markers. */
  void readRestartInterval(int from, int to) {
    if (to - from < 2) {
      throw file.damaged("the restart interval is not whole");
    }
    restartInterval = file.bigEndian16(from);
  }

  /** Units between restart markers; 0 if there are no markers. */
  int restartInterval() {
    return restartInterval;
  }

  /** The steps of coefficients where they stand: (64). */
  int[] quantization(int number) {
    if (number > 3 || quantization[number].length == 0) {
      throw missing("quantization", number);
    }
    return quantization[number];
  }

  /**
   * The codes of first coefficients in a sequential file. Those of webcams have no tables and mean
   * the standard's own.
   */
  JpegHuffman dcOrStandard(int number) {
    if (number < JpegStandardTables.COUNT && dc[number] == null) {
      dc[number] = JpegStandardTables.dc(number);
    }
    return dc(number);
  }

  /** The codes of the other coefficients in a sequential file, like {@link #dcOrStandard}. */
  JpegHuffman acOrStandard(int number) {
    if (number < JpegStandardTables.COUNT && ac[number] == null) {
      ac[number] = JpegStandardTables.ac(number);
    }
    return ac(number);
  }

  /** The codes of first coefficients. */
  JpegHuffman dc(int number) {
    JpegHuffman table = defined(dc[number & 3], "Huffman DC", number);
    if (table.largest() > LARGEST_DC_SYMBOL) {
      throw file.damaged(
          "the Huffman DC table %d has the symbol %d".formatted(number, table.largest()));
    }
    return table;
  }

  /** The codes of the other coefficients. */
  JpegHuffman ac(int number) {
    return defined(ac[number & 3], "Huffman AC", number);
  }

  private JpegHuffman defined(@Nullable JpegHuffman table, String kind, int number) {
    if (table == null) {
      throw missing(kind, number);
    }
    return table;
  }

  private UnreadableImageException missing(String kind, int number) {
    return file.damaged("it uses the %s table %d, which it does not have".formatted(kind, number));
  }
}
