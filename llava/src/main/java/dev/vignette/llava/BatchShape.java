package dev.vignette.llava;

/**
 * What a batch has room for: so many prompts at once, each within these sizes.
 *
 * @param prompts beside each other, 1 or more
 * @param instructionTokens tokens after the image
 * @param newTokens generated tokens, 1 or more
 * @param beams hypotheses of a prompt, 1 to 64
 */
record BatchShape(int prompts, int instructionTokens, int newTokens, int beams) {

  public BatchShape {
    if (prompts < 1 || instructionTokens < 0 || newTokens < 1 || beams < 1) {
      throw new IllegalArgumentException(
          "a batch has 1 prompt, new token and beam or more, not %d, %d and %d"
              .formatted(prompts, newTokens, beams));
    }
  }

  /** Cells that a prompt fills beside those of the opening and its image. */
  int ownTokens() {
    return instructionTokens + newTokens * beams;
  }
}
