package dev.vignette.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The constants of the WebP formats, from the resource webp-tables.txt, which says where each is
 * defined.
 */
final class WebpTables {
  /** Kinds of block, bands of frequency, contexts and tree nodes of VP8's coefficients. */
  static final int KINDS = 4;

  static final int BANDS = 8;
  static final int CONTEXTS = 3;
  static final int NODES = 11;

  private static final List<String> LINES = lines();

  /** The probabilities of coefficients to begin with: (KINDS, BANDS, CONTEXTS, NODES). */
  static final int[] COEFFICIENTS = table("coefficients", KINDS * BANDS * CONTEXTS * NODES);

  /** The probabilities that those are replaced: (KINDS, BANDS, CONTEXTS, NODES). */
  static final int[] COEFFICIENT_UPDATES =
      table("coefficient-updates", KINDS * BANDS * CONTEXTS * NODES);

  /** The probabilities of modes of 4 x 4 blocks: (mode above, mode to the left, 9 nodes). */
  static final int[] BLOCK_MODES = table("block-modes", 10 * 10 * 9);

  /** Quantizer steps of the first coefficient: (128). */
  static final int[] DC_STEPS = table("dc", 128);

  /** Quantizer steps of the other coefficients: (128). */
  static final int[] AC_STEPS = table("ac", 128);

  /** How far left and up the short distance codes of lossless images point: (120, 2). */
  static final int[] DISTANCES = table("distances", 240);

  private WebpTables() {}

  private static List<String> lines() {
    try (InputStream in =
        Objects.requireNonNull(WebpTables.class.getResourceAsStream("webp-tables.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static int[] table(String name, int length) {
    String line =
        LINES.stream().filter(each -> each.startsWith(name + " ")).findFirst().orElseThrow();
    int[] table =
        Arrays.stream(line.substring(name.length() + 1).split(" "))
            .mapToInt(Integer::parseInt)
            .toArray();
    if (table.length != length) {
      throw new IllegalStateException(
          "The table %s has %d numbers, not %d".formatted(name, table.length, length));
    }
    return table;
  }
}
