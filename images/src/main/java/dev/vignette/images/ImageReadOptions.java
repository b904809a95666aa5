package dev.vignette.images;

/**
 * How an image file becomes pixels.
 *
 * @param alpha what becomes of transparency
 * @param upright whether the orientation in the EXIF data is applied, so that the picture stands as
 *     its viewer sees it
 * @param maxPixels images of more pixels are refused by their header, before memory is taken for
 *     them; at least 1
 */
public record ImageReadOptions(AlphaMode alpha, boolean upright, long maxPixels) {
  /**
   * The number of pixels at which Pillow 12 refuses an image as a decompression bomb: 178,956,970,
   * twice its {@code MAX_IMAGE_PIXELS}. As RGB they take 512 MiB.
   */
  public static final long PILLOW_MAX_PIXELS = 178_956_970;

  /** Over white, upright, up to {@link #PILLOW_MAX_PIXELS}. */
  public static final ImageReadOptions DEFAULT =
      new ImageReadOptions(AlphaMode.OVER_WHITE, true, PILLOW_MAX_PIXELS);

  /**
   * What Pillow's {@code Image.open(file).convert("RGB")} gives: alpha dropped, orientation not
   * applied.
   */
  public static final ImageReadOptions PILLOW =
      new ImageReadOptions(AlphaMode.DROP, false, PILLOW_MAX_PIXELS);

  /** Checks the limit. */
  public ImageReadOptions {
    if (maxPixels < 1) {
      throw new IllegalArgumentException("maxPixels must be at least 1, but is " + maxPixels);
    }
  }

  /** The same with another treatment of transparency. */
  public ImageReadOptions withAlpha(AlphaMode mode) {
    return new ImageReadOptions(mode, upright, maxPixels);
  }

  /** The same with the EXIF orientation applied or not. */
  public ImageReadOptions withUpright(boolean applied) {
    return new ImageReadOptions(alpha, applied, maxPixels);
  }

  /** The same with another limit of pixels. */
  public ImageReadOptions withMaxPixels(long limit) {
    return new ImageReadOptions(alpha, upright, limit);
  }

  /** What becomes of transparency, since models see opaque pixels. */
  public enum AlphaMode {
    /**
     * The image is laid over white, as a page or a browser shows it; the default. With alpha 0 to
     * 255 a sample becomes {@code round((sample * alpha + 255 * (255 - alpha)) / 255)}, which is
     * Pillow's {@code paste} on white with the alpha as mask.
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
}
