package dev.vignette.attention;

import java.util.Arrays;
import java.util.List;

/**
 * The attention of each token of a caption: the weights of the row that predicted it, so that of
 * the token before it in the sequence, over every key position up to that row.
 *
 * @param pieces (tokens) text of each token, with the space before it
 * @param layers which layers were traced, from 0, ascending
 * @param heads which heads were traced, from 0, ascending; empty when their mean was
 * @param grid where the image's patches are
 * @param rows (tokens, layers · heads, keys): the layers one after another, a row for each of a
 *     layer's heads, or one for their mean; a later token has more keys
 */
@SuppressWarnings("ArrayRecordComponent") // bulk numbers, handed over by the one who traced them
public record AttentionTrace(
    List<String> pieces,
    List<Integer> layers,
    List<Integer> heads,
    PatchGrid grid,
    float[][][] rows) {

  public AttentionTrace {
    pieces = List.copyOf(pieces);
    layers = List.copyOf(layers);
    heads = List.copyOf(heads);
    int expected = layers.size() * Math.max(1, heads.size());
    if (rows.length != pieces.size()) {
      throw new IllegalArgumentException(
          "Each token has its rows, but there are %d tokens and rows for %d"
              .formatted(pieces.size(), rows.length));
    }
    for (float[][] token : rows) {
      if (token.length != expected) {
        throw new IllegalArgumentException(
            "A token has %d rows here, %d layers of %d, not %d"
                .formatted(expected, layers.size(), Math.max(1, heads.size()), token.length));
      }
      for (float[] row : token) {
        if (row.length < grid.firstKey() + grid.patches()) {
          throw new IllegalArgumentException(
              "The image's patches are keys %d to %d, but a row has only %d keys"
                  .formatted(grid.firstKey(), grid.firstKey() + grid.patches() - 1, row.length));
        }
      }
    }
  }

  /** Rows of one layer: its heads, or 1 for their mean. */
  public int rowsPerLayer() {
    return Math.max(1, heads.size());
  }

  /**
   * The weights of one row; they sum to 1.
   *
   * @param layer index into {@link #layers}
   * @param head index into {@link #heads}; 0 for their mean
   */
  public float[] row(int token, int layer, int head) {
    return rows[token][layer * rowsPerLayer() + head];
  }

  /** The part of a row that falls on the image, (side · side), row by row; not normalised. */
  public float[] patches(int token, int layer, int head) {
    return Arrays.copyOfRange(
        row(token, layer, head), grid.firstKey(), grid.firstKey() + grid.patches());
  }

  /** How much of a row falls on the image, 0 to 1. */
  public double share(int token, int layer, int head) {
    double share = 0;
    float[] row = row(token, layer, head);
    for (int i = 0; i < grid.patches(); i++) {
      share += row[grid.firstKey() + i];
    }
    return share;
  }

  /** The mean of a token's rows over all traced layers and heads, on the image. */
  public float[] patches(int token) {
    float[] mean = new float[grid.patches()];
    for (float[] row : rows[token]) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[grid.firstKey() + i] / rows[token].length;
      }
    }
    return mean;
  }

  /**
   * Checks that another trace can be compared with this one, row by row.
   *
   * @throws IllegalArgumentException if it has other layers or heads, or another grid
   */
  void requireAlike(AttentionTrace other) {
    if (!layers.equals(other.layers)
        || !heads.equals(other.heads)
        || grid.side() != other.grid.side()) {
      throw new IllegalArgumentException(
          "Attention is compared with attention of the same layers, heads and grid, but one has the layers %s, the heads %s and a side of %d, the other %s, %s and %d"
              .formatted(layers, heads, grid.side(), other.layers, other.heads, other.grid.side()));
    }
  }

  /**
   * Where an image's patches lie among the keys that a token looks at.
   *
   * @param firstKey key position of the upper left patch; the others follow row by row
   * @param side rows and columns of the grid
   */
  public record PatchGrid(int firstKey, int side) {
    public PatchGrid {
      if (firstKey < 0 || side < 1) {
        throw new IllegalArgumentException(
            "A grid has a first key of 0 or more and a side of 1 or more, not %d and %d"
                .formatted(firstKey, side));
      }
    }

    /** Number of patches. */
    public int patches() {
      return side * side;
    }
  }
}
