package dev.vignette.torch.clip;

import dev.vignette.torch.Activation;

/**
 * The shape of CLIP's text tower.
 *
 * @param vocabulary number of tokens
 * @param positions longest text in tokens, begin and end included
 * @param width channels
 * @param depth number of blocks
 * @param heads attention heads of a block
 * @param hidden channels inside the feed-forward layer
 * @param activation of the feed-forward layer
 * @param epsilon of the layer norms
 * @param endToken id of the end token, whose row is the text's
 */
record TextShape(
    int vocabulary,
    int positions,
    int width,
    int depth,
    int heads,
    int hidden,
    Activation activation,
    double epsilon,
    int endToken) {
  TextShape {
    if (vocabulary < 1 || positions < 2 || width < 1 || depth < 1 || heads < 1 || hidden < 1) {
      throw new IllegalArgumentException(
          "Sizes must be >= 1 and positions >= 2: vocabulary %d, positions %d, width %d, depth %d, heads %d, hidden %d"
              .formatted(vocabulary, positions, width, depth, heads, hidden));
    }
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "The width %d is no multiple of the %d heads".formatted(width, heads));
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("The layer norms' epsilon must be > 0, not " + epsilon);
    }
    if (endToken < 0 || endToken >= vocabulary) {
      throw new IllegalArgumentException(
          "The end token %d is outside the vocabulary of %d".formatted(endToken, vocabulary));
    }
  }
}
