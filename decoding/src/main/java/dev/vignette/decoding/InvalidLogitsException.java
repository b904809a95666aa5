package dev.vignette.decoding;

/** What a model computes is not numbers, so that no token can be chosen. */
public final class InvalidLogitsException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /**
   * Says it of logits.
   *
   * @param model the model they come from, such as {@code the model 'x.gguf'}
   */
  public InvalidLogitsException(String model) {
    this(model, "logits that are not numbers");
  }

  private InvalidLogitsException(String model, String what) {
    super(
        "%s computes %s: its file is damaged, or its weights are too large for this precision; get the file again, or take another precision"
            .formatted(model, what));
  }

  /**
   * Says it of logits that are all the same. Quantization makes zeros of what is not a number, and
   * the logits of zeros are zeros.
   *
   * @param model as above
   */
  public static InvalidLogitsException allTheSame(String model) {
    return new InvalidLogitsException(
        model, "the same logit for every token, as of what are not numbers");
  }

  /**
   * Says it of the features of an image, which would make the logits so.
   *
   * @param encoder what they come from, such as {@code the encoder 'model.safetensors'}
   */
  public static InvalidLogitsException ofFeatures(String encoder) {
    return new InvalidLogitsException(encoder, "features that are not numbers");
  }
}
