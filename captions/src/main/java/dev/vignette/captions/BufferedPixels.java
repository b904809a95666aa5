package dev.vignette.captions;

import java.awt.image.BufferedImage;

/** The pixels of a Java2D image as opaque RGB. */
final class BufferedPixels {
  private BufferedPixels() {}

  static RgbImage toRgb(BufferedImage image, AlphaMode alpha) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width];
    int out = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int pixel : row) {
        int opacity = pixel >>> 24;
        rgb[out++] = (byte) alpha.opaque(pixel >> 16 & 0xFF, opacity);
        rgb[out++] = (byte) alpha.opaque(pixel >> 8 & 0xFF, opacity);
        rgb[out++] = (byte) alpha.opaque(pixel & 0xFF, opacity);
      }
    }
    return new RgbImage(width, height, rgb);
  }
}
