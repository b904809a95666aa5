package dev.vignette.llava;

/**
 * Where the time of a caption went, in milliseconds.
 *
 * @param encode the vision tower and projector
 * @param prefill reading image and instruction into the language model
 * @param decode generating the tokens
 */
public record StageMillis(double encode, double prefill, double decode) {

  /** The sum of the stages. */
  public double total() {
    return encode + prefill + decode;
  }

  /** The sum of both, stage by stage. */
  public StageMillis plus(StageMillis other) {
    return new StageMillis(encode + other.encode, prefill + other.prefill, decode + other.decode);
  }
}
