package dev.vignette.images;

import dev.vignette.images.PixelPreprocessor.Resampling;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A picture in opaque 8-bit RGB.
 *
 * <p>Two images are equal if their sizes and pixels are. The array is neither copied when it comes
 * in nor when it goes out: whoever makes an image gives the array away, and nobody changes it
 * afterwards. Thus an image may be shared between threads.
 *
 * @param width pixels in a row, at least 1
 * @param height rows, at least 1
 * @param rgb red, green, blue of each pixel, row by row from the top left: (height, width, 3)
 */
public record RgbImage(int width, int height, byte[] rgb) {

  /** Checks the sizes. */
  public RgbImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "An image has at least 1 x 1 pixels, but this one is %d x %d".formatted(width, height));
    }
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "An RGB image of %d x %d takes %d bytes, but has %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
  }

  /**
   * Reads an image file with {@link ImageReadOptions#DEFAULT}; see {@link #read(Path,
   * ImageReadOptions)}.
   */
  public static RgbImage read(Path file) {
    return read(file, ImageReadOptions.DEFAULT);
  }

  /**
   * Reads a JPEG, PNG, WebP, GIF (first frame) or BMP file. What it is, its first bytes say, not
   * its name. Colour profiles are passed over, as Pillow's {@code convert("RGB")} does. May be
   * called from many threads at once.
   *
   * @throws UnreadableImageException if there is no picture in it, or one beyond the limits
   */
  public static RgbImage read(Path file, ImageReadOptions options) {
    return ImageFile.read(file, options);
  }

  /**
   * Reads the bytes of an image file with {@link ImageReadOptions#DEFAULT}; errors call it {@code
   * name}.
   */
  public static RgbImage read(byte[] file, String name) {
    return read(file, name, ImageReadOptions.DEFAULT);
  }

  /**
   * Reads the bytes of an image file as {@link #read(Path, ImageReadOptions)} does; errors call it
   * {@code name}.
   */
  public static RgbImage read(byte[] file, String name, ImageReadOptions options) {
    return new ImageFile(name, file, options).decode();
  }

  /**
   * The whole picture in another size, exactly as Pillow's {@code resize} with bicubic weights
   * makes it: smooth when it grows, antialiased when it shrinks.
   *
   * @param toWidth pixels across, at least 1
   * @param toHeight pixels down, at least 1
   */
  public RgbImage resized(int toWidth, int toHeight) {
    if (toWidth < 1 || toHeight < 1) {
      throw new IllegalArgumentException(
          "An image is resized to at least 1 x 1 pixels, not %d x %d".formatted(toWidth, toHeight));
    }
    if (toWidth == width && toHeight == height) {
      return this;
    }
    return PillowResampler.resize(
        this,
        new PillowResampler.Layout(width, height, 0, 0, toWidth, toHeight, 0, 0, toWidth, toHeight),
        Resampling.BICUBIC,
        new int[3]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage image
        && width == image.width
        && height == image.height
        && Arrays.equals(rgb, image.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "RgbImage[%d x %d]".formatted(width, height);
  }

  /**
   * How an image file becomes pixels.
   *
   * @param alpha what becomes of transparency
   * @param upright whether the orientation in the EXIF data is applied, so that the picture stands
   *     as its viewer sees it
   * @param maxPixels images of more pixels are refused by their header, before memory is taken for
   *     them; at least 1
   */
  public record ImageReadOptions(AlphaMode alpha, boolean upright, long maxPixels) {
    /**
     * The number of pixels at which Pillow 12 refuses an image as a decompression bomb:
     * 178,956,970, twice its {@code MAX_IMAGE_PIXELS}. As RGB they take 512 MiB.
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
       * Alpha is dropped and the colour under it shows, whatever it is (black, very often):
       * Pillow's {@code convert("RGB")}, which Hugging Face's processors call.
       */
      DROP;

      /** The opaque sample for {@code sample} with {@code alpha}, all 0 to 255. */
      int opaque(int sample, int alpha) {
        if (alpha == 255 || this == DROP) {
          return sample;
        }
        int scaled =
            sample * alpha + 255 * (255 - alpha) + 128; // Pillow's rounding division by 255
        return ((scaled >> 8) + scaled) >> 8;
      }
    }
  }
}
