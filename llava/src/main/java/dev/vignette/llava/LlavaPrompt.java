package dev.vignette.llava;

import dev.vignette.images.RgbImage;
import java.util.Arrays;

/**
 * An image and what it is asked, ready for a {@link LlavaBatch}. Prompts about the same {@code
 * image} object that join a batch together share its encoding and its memory.
 */
public final class LlavaPrompt {

  private static final int NOT_TEXT = -1;

  private final RgbImage image;
  private final int[] opening;
  private final int imageTokens;
  private final int[] instruction;

  /**
   * @param image as {@link LlavaModel#prepare} made it
   * @param opening the tokens before it
   * @param imageTokens the places it takes
   * @param instruction the tokens after it
   */
  LlavaPrompt(RgbImage image, int[] opening, int imageTokens, int[] instruction) {
    this.image = image;
    this.opening = opening;
    this.imageTokens = imageTokens;
    this.instruction = instruction;
  }

  RgbImage image() {
    return image;
  }

  /** The tokens after the image. */
  int[] instruction() {
    return instruction;
  }

  /** Positions of all of it. */
  public int length() {
    return opening.length + imageTokens + instruction.length;
  }

  /** All its tokens, -1 in the image's places. */
  int[] ruleTokens() {
    int[] all = new int[length()];
    Arrays.fill(all, NOT_TEXT);
    System.arraycopy(opening, 0, all, 0, opening.length);
    System.arraycopy(instruction, 0, all, opening.length + imageTokens, instruction.length);
    return all;
  }

  /**
   * Prompt and caption do not fit the context or what the model was trained on; the message has
   * both numbers.
   */
  public static final class PromptTooLongException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    PromptTooLongException(String message) {
      super(message);
    }
  }
}
