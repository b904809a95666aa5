package dev.vignette.images;

import java.util.Arrays;

/**
 * How the macroblocks of a VP8 key frame are predicted (RFC 6386, 8 and 11), read one after the
 * other.
 */
final class Vp8Modes {
  static final int DC = 0;
  static final int TRUE_MOTION = 1;
  static final int VERTICAL = 2;
  static final int HORIZONTAL = 3;
  static final int DOWN_RIGHT = 4;
  static final int VERTICAL_RIGHT = 5;
  static final int DOWN_LEFT = 6;
  static final int VERTICAL_LEFT = 7;
  static final int HORIZONTAL_DOWN = 8;
  static final int HORIZONTAL_UP = 9;

  private static final int MODES = 10;
  private static final int NODES = 9;

  /**
   * The tree of modes of 4 x 4 blocks: for each node what 0 and 1 lead to, a node or a negative
   * mode - 1.
   */
  private static final int[] TREE = {
    ~DC,
    1,
    ~TRUE_MOTION,
    2,
    ~VERTICAL,
    3,
    4,
    6,
    ~HORIZONTAL,
    5,
    ~DOWN_RIGHT,
    ~VERTICAL_RIGHT,
    ~DOWN_LEFT,
    7,
    ~VERTICAL_LEFT,
    8,
    ~HORIZONTAL_DOWN,
    ~HORIZONTAL_UP
  };

  private final Vp8Header header;
  private final Vp8BoolDecoder data;
  private final int[] above;
  private final int[] left = new int[4];
  private final int[] blocks = new int[16];
  private int segment;
  private boolean skipped;
  private boolean inBlocks;
  private int luma;
  private int chroma;

  Vp8Modes(Vp8Header header, int columns) {
    this.header = header;
    this.data = header.first();
    this.above = new int[4 * columns];
  }

  /** Begins a row of macroblocks. */
  void startRow() {
    Arrays.fill(left, DC);
  }

  /** Reads the macroblock in {@code column}. */
  void read(int column) {
    segment = 0;
    if (header.segmentMap()) {
      int[] probabilities = header.segmentProbabilities();
      segment =
          data.bit(probabilities[0]) == 0
              ? data.bit(probabilities[1])
              : 2 + data.bit(probabilities[2]);
    }
    skipped =
        header.skipProbability() != Vp8Header.NO_SKIPPING
            && data.bit(header.skipProbability()) != 0;
    inBlocks = data.bit(145) == 0;
    if (inBlocks) {
      readBlocks(4 * column);
    } else {
      luma =
          data.bit(156) == 0
              ? (data.bit(163) == 0 ? DC : VERTICAL)
              : (data.bit(128) == 0 ? HORIZONTAL : TRUE_MOTION);
      Arrays.fill(above, 4 * column, 4 * column + 4, luma);
      Arrays.fill(left, luma);
    }
    if (data.bit(142) == 0) {
      chroma = DC;
    } else if (data.bit(114) == 0) {
      chroma = VERTICAL;
    } else {
      chroma = data.bit(183) == 0 ? HORIZONTAL : TRUE_MOTION;
    }
  }

  private void readBlocks(int first) {
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        int probabilities = (above[first + x] * MODES + left[y]) * NODES;
        int node = 0;
        do {
          node = TREE[2 * node + data.bit(WebpTables.BLOCK_MODES[probabilities + node])];
        } while (node > 0);
        int mode = ~node;
        blocks[4 * y + x] = mode;
        above[first + x] = mode;
        left[y] = mode;
      }
    }
  }

  int segment() {
    return segment;
  }

  /** Whether the macroblock has no coefficients. */
  boolean skipped() {
    return skipped;
  }

  /** Whether luma is predicted in blocks of 4 x 4. */
  boolean inBlocks() {
    return inBlocks;
  }

  /** The mode of luma as a whole. */
  int luma() {
    return luma;
  }

  int chroma() {
    return chroma;
  }

  /** The modes of the 4 x 4 blocks of luma. */
  int[] blocks() {
    return blocks;
  }
}
