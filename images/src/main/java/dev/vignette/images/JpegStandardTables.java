package dev.vignette.images;

import java.util.HexFormat;

/**
 * The Huffman tables that the standard gives as typical (ITU-T T.81, K.3.3), number 0 of luma and 1
 * of chroma. Frames of Motion JPEG leave them out.
 */
final class JpegStandardTables {
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
