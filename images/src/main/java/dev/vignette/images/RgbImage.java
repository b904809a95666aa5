package dev.vignette.images;

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
}
