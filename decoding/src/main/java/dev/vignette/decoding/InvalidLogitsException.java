package dev.vignette.decoding;

/** A model's logits are not numbers, so that no token can be chosen. */
public final class InvalidLogitsException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /**
   * @param model the model they come from, such as {@code the model 'x.gguf'}
   */
  public InvalidLogitsException(String model) {
    super(
        "%s computes logits that are not numbers: its file is damaged, or its weights are too large for this precision; get the file again, or take another quantization"
            .formatted(model));
  }
}
