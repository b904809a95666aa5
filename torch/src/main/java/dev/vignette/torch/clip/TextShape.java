package dev.vignette.torch.clip;

import dev.vignette.torch.Activation;
import dev.vignette.torch.TransformerRules;

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
    TransformerRules.requireText(
        vocabulary, positions, width, depth, heads, hidden, epsilon, endToken);
  }
}
