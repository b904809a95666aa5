package dev.vignette.images;

/** What becomes of transparency, since models see opaque pixels. */
public enum AlphaMode {
  /**
   * The image is laid over white, as a page or a browser shows it; the default. With alpha 0 to 255
   * a sample becomes {@code round((sample * alpha + 255 * (255 - alpha)) / 255)}, which is Pillow's
   * {@code paste} on white with the alpha as mask.
   */
  OVER_WHITE,
  /**
   * Alpha is dropped and the colour under it shows, whatever it is (black, very often): Pillow's
   * {@code convert("RGB")}, which Hugging Face's processors call.
   */
  DROP;

  /** The opaque sample for {@code sample} with {@code alpha}, all 0 to 255. */
  int opaque(int sample, int alpha) {
    if (alpha == 255 || this == DROP) {
      return sample;
    }
    int scaled = sample * alpha + 255 * (255 - alpha) + 128; // Pillow's rounding division by 255
    return ((scaled >> 8) + scaled) >> 8;
  }
}
