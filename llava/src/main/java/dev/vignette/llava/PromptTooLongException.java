package dev.vignette.llava;

/**
 * Prompt and caption do not fit the context or what the model was trained on; the message has both
 * numbers.
 */
public final class PromptTooLongException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  PromptTooLongException(String message) {
    super(message);
  }
}
