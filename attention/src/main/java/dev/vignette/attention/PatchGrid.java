package dev.vignette.attention;

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
