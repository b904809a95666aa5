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
}
