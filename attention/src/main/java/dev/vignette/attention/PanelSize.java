package dev.vignette.attention;

import dev.vignette.images.RgbImage;

/** In which size a picture is shown: small ones grow by a whole number, large ones shrink. */
final class PanelSize {
  private PanelSize() {}

  /**
   * The picture in a panel that is {@code widest} pixels wide. It is as wide as the largest
   * multiple of its width in the last eighth of the panel, else as the panel; a tall one is no
   * taller than {@code tallest}.
   */
  static RgbImage panel(RgbImage image, int widest, int tallest) {
    int multiple = widest / image.width() * image.width();
    double width = multiple >= widest - widest / 8 ? multiple : widest;
    double scale = Math.min(width / image.width(), (double) tallest / image.height());
    return scaled(image, scale);
  }

  /**
   * The picture as it is, if its longer side is from {@code least} to {@code most}; shrunk to
   * {@code most} or grown by the least whole number to {@code least} else.
   */
  static RgbImage within(RgbImage image, int least, int most) {
    int longer = Math.max(image.width(), image.height());
    if (longer > most) {
      return scaled(image, (double) most / longer);
    }
    return scaled(image, Math.max(1, Math.min(Math.ceilDiv(least, longer), most / longer)));
  }

  private static RgbImage scaled(RgbImage image, double scale) {
    return image.resized(
        (int) Math.max(1, Math.round(scale * image.width())),
        (int) Math.max(1, Math.round(scale * image.height())));
  }
}
