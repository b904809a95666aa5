package dev.vignette.images;

import dev.vignette.images.RgbImage.ImageReadOptions.AlphaMode;
import dev.vignette.images.Vp8lDecoder.Vp8lImage;
import dev.vignette.images.WebpStructure.Frame;

/**
 * Decodes WebP files, lossy and lossless, with alpha, and of moving ones the first frame, to the
 * pixels that Pillow 12 (libwebp 1.6) gives.
 */
final class WebpDecoder {
  private final ImageFile file;
  private final WebpStructure webp;

  WebpDecoder(ImageFile file) {
    this.file = file;
    this.webp = new WebpStructure(file);
  }

  RgbImage decode() {
    int[] argb;
    Frame frame = webp.frame();
    int width;
    int height;
    if (frame.lossless()) {
      Vp8lImage image = Vp8lDecoder.decode(file, frame.pixels());
      argb = image.argb();
      width = image.width();
      height = image.height();
    } else {
      Vp8Frame image = new Vp8Decoder(file, frame.pixels()).decode();
      argb = Vp8Colors.toArgb(image);
      width = image.width();
      height = image.height();
      frame.alpha().ifPresent(part -> WebpAlpha.apply(file, part, image.width(), argb));
    }
    RgbImage canvas = new RgbImage(webp.width(), webp.height(), layOnCanvas(argb, width, height));
    return file.oriented(canvas, webp.orientation());
  }

  /**
   * Opaque pixels of the canvas: (height, width, 3). What the frame does not cover is transparent
   * black.
   */
  private byte[] layOnCanvas(int[] argb, int width, int height) {
    Frame frame = webp.frame();
    if (frame.left() + width > webp.width() || frame.top() + height > webp.height()) {
      throw file.damaged(
          "its picture of %d x %d is larger than the file says".formatted(width, height));
    }
    byte[] rgb = new byte[3 * webp.width() * webp.height()];
    int out = 0;
    for (int y = 0; y < webp.height(); y++) {
      boolean rowInside = y >= frame.top() && y < frame.top() + height;
      int row = (y - frame.top()) * width - frame.left();
      for (int x = 0; x < webp.width(); x++, out += 3) {
        boolean inside = rowInside && x >= frame.left() && x < frame.left() + width;
        write(inside ? argb[row + x] : 0, rgb, out);
      }
    }
    return rgb;
  }

  private void write(int argb, byte[] rgb, int out) {
    AlphaMode mode = file.options().alpha();
    int opacity = webp.hasAlpha() ? argb >>> 24 : 255;
    rgb[out] = (byte) mode.opaque(argb >> 16 & 0xFF, opacity);
    rgb[out + 1] = (byte) mode.opaque(argb >> 8 & 0xFF, opacity);
    rgb[out + 2] = (byte) mode.opaque(argb & 0xFF, opacity);
  }
}
