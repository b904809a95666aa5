package dev.vignette.torch;

/**
 * The shape of a pre-norm transformer block: x + attention(norm(x)), then x + mlp(norm(x)).
 *
 * @param width channels C
 * @param heads attention heads; they divide the width
 * @param activation of the feed-forward layer
 * @param epsilon of both layer norms
 * @param splitQkv whether queries, keys and values have a weight each instead of one of (3C, C)
 */
public record BlockShape(
    int width, int heads, Activation activation, double epsilon, boolean splitQkv) {
  public BlockShape {
    if (width < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "A block of width %d cannot have %d heads: the heads must divide the width"
              .formatted(width, heads));
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("Layer norm's epsilon must be > 0, not " + epsilon);
    }
  }

  /** Channels of one head. */
  int headWidth() {
    return width / heads;
  }

  /**
   * Whether one of the block's own weights, counted in {@link BlockScript}'s order, is a norm's.
   */
  boolean isNorm(int weight) {
    int second = weightCount() - 6;
    return weight < 2 || weight == second || weight == second + 1;
  }

  /** Number of the block's own weights in {@link BlockScript}'s order. */
  int weightCount() {
    return splitQkv ? 16 : 12;
  }
}
