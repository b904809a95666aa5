package dev.vignette.torch;

/**
 * The shape of a vision transformer.
 *
 * @param side pixels of the square input's side
 * @param patch pixels of a patch's side
 * @param width channels
 * @param depth number of blocks
 * @param heads attention heads of a block
 * @param hidden channels inside the feed-forward layer
 * @param activation of the feed-forward layer
 * @param epsilon of the layer norms
 */
public record VisionShape(
    int side,
    int patch,
    int width,
    int depth,
    int heads,
    int hidden,
    Activation activation,
    double epsilon) {
  public VisionShape {
    if (side < 1 || patch < 1 || width < 1 || depth < 1 || heads < 1 || hidden < 1) {
      throw new IllegalArgumentException(
          "Sizes must be >= 1: side %d, patch %d, width %d, depth %d, heads %d, hidden %d"
              .formatted(side, patch, width, depth, heads, hidden));
    }
    TransformerRules.requireBlocks(width, heads, epsilon);
    if (side % patch != 0) {
      throw new IllegalArgumentException(
          "A side of %d pixels is no multiple of the patch of %d".formatted(side, patch));
    }
  }

  /** Patches in a row of the grid. */
  public int grid() {
    return side / patch;
  }

  /** Tokens of an image, the class token included. */
  public int tokens() {
    return grid() * grid() + 1;
  }
}
