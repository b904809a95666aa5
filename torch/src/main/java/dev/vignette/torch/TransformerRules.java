package dev.vignette.torch;

/** What holds for the sizes of every transformer, whatever reads them. */
public final class TransformerRules {
  /** Most blocks of a transformer; the largest published have some 130. */
  public static final int MOST_BLOCKS = 512;

  /** Most channels of any layer, and most positions of a text. */
  public static final int MOST_CHANNELS = 1 << 20;

  /** Most tokens of a vocabulary. */
  public static final int MOST_TOKENS = 1 << 24;

  /** Most pixels of an image's side. */
  public static final int MOST_PIXELS = 8192;

  /** Most that a layer norm's epsilon can be. */
  public static final double MOST_EPSILON = 1;

  private TransformerRules() {}

  /**
   * Judges what all blocks of a transformer have.
   *
   * @throws IllegalArgumentException naming what cannot be
   */
  public static void requireBlocks(int width, int heads, double epsilon) {
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "The width %d is no multiple of the %d heads".formatted(width, heads));
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("The layer norms' epsilon must be > 0, not " + epsilon);
    }
  }

  /**
   * Judges a transformer of texts.
   *
   * @throws IllegalArgumentException naming what cannot be
   */
  public static void requireText(
      int vocabulary,
      int positions,
      int width,
      int depth,
      int heads,
      int hidden,
      double epsilon,
      int endToken) {
    if (vocabulary < 1 || positions < 2 || width < 1 || depth < 1 || heads < 1 || hidden < 1) {
      throw new IllegalArgumentException(
          "Sizes must be >= 1 and positions >= 2: vocabulary %d, positions %d, width %d, depth %d, heads %d, hidden %d"
              .formatted(vocabulary, positions, width, depth, heads, hidden));
    }
    requireBlocks(width, heads, epsilon);
    if (endToken < 0 || endToken >= vocabulary) {
      throw new IllegalArgumentException(
          "The end token %d is outside the vocabulary of %d".formatted(endToken, vocabulary));
    }
  }
}
