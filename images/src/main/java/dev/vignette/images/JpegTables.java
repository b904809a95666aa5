package dev.vignette.images;

import java.util.Arrays;
import java.util.HexFormat;
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
    if (to - from != 2) {
      throw file.damaged("a restart interval has %d bytes".formatted(to - from));
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
    JpegHuffman table = defined(dc, "Huffman DC", number);
    if (table.largest() > LARGEST_DC_SYMBOL) {
      throw file.damaged(
          "the Huffman DC table %d has the symbol %d".formatted(number, table.largest()));
    }
    return table;
  }

  /** The codes of the other coefficients. */
  JpegHuffman ac(int number) {
    return defined(ac, "Huffman AC", number);
  }

  private JpegHuffman defined(@Nullable JpegHuffman[] tables, String kind, int number) {
    JpegHuffman table = number < tables.length ? tables[number] : null;
    if (table == null) {
      throw missing(kind, number);
    }
    return table;
  }

  private UnreadableImageException missing(String kind, int number) {
    return file.damaged("it uses the %s table %d, which it does not have".formatted(kind, number));
  }

  /**
   * The Huffman tables that the standard gives as typical (ITU-T T.81, K.3.3), number 0 of luma and
   * 1 of chroma. Frames of Motion JPEG leave them out.
   */
  static final class JpegStandardTables {
    /** How many there are of each kind. */
    static final int COUNT = 2;

    private static final String DC_SYMBOLS = "000102030405060708090a0b";
    private static final String[] DC_COUNTS = {
      "00010501010101010100000000000000", "00030101010101010101010000000000"
    };
    private static final String[] AC_COUNTS = {
      "0002010303020403050504040000017d", "00020102040403040705040400010277"
    };
    private static final String[] AC_SYMBOLS = {
      "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a16"
          + "1718191a25262728292a3435363738393a434445464748494a535455565758595a63646566676869"
          + "6a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6"
          + "b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8"
          + "f9fa",
      "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434"
          + "e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768"
          + "696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4"
          + "b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8"
          + "f9fa"
    };

    private JpegStandardTables() {}

    /** The codes of first coefficients. */
    static JpegHuffman dc(int number) {
      return table(DC_COUNTS[number], DC_SYMBOLS);
    }

    /** The codes of the other coefficients. */
    static JpegHuffman ac(int number) {
      return table(AC_COUNTS[number], AC_SYMBOLS[number]);
    }

    private static JpegHuffman table(String countsOfLengths, String symbols) {
      int[] counts = new int[17];
      byte[] fromOne = HexFormat.of().parseHex(countsOfLengths);
      for (int i = 0; i < fromOne.length; i++) {
        counts[i + 1] = fromOne[i];
      }
      return new JpegHuffman(counts, HexFormat.of().parseHex(symbols));
    }
  }
}
