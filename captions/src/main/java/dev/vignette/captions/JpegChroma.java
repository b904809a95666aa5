package dev.vignette.captions;

import dev.vignette.captions.JpegStructure.Component;
import java.util.List;

/**
 * Chroma of half the rows and all the columns (4:4:0, what a rotated 4:2:2 photo has). The JDK's
 * libjpeg 6b repeats each row; libjpeg-turbo, and so Pillow, takes a quarter of the next one
 * (jdsample.c, h1v2_fancy_upsample, 3.1).
 */
final class JpegChroma {
  private JpegChroma() {}

  /**
   * Turns repeated rows into weighted ones in {@code samples}, (height, width, components), where
   * that applies.
   */
  static void smoothRows(byte[] samples, JpegStructure jpeg) {
    List<Component> components = jpeg.components();
    int maxHorizontal = components.stream().mapToInt(Component::horizontal).max().orElseThrow();
    int maxVertical = components.stream().mapToInt(Component::vertical).max().orElseThrow();
    for (int i = 0; i < components.size(); i++) {
      if (components.get(i).horizontal() == maxHorizontal
          && components.get(i).vertical() * 2 == maxVertical) {
        smoothComponent(samples, i, components.size(), jpeg.width(), jpeg.height());
      }
    }
  }

  private static void smoothComponent(
      byte[] samples, int component, int components, int width, int height) {
    int[] above = new int[width];
    int[] here = new int[width];
    int stride = width * components;
    for (int y = 0; y < height; y += 2) {
      int below = Math.min(y + 2, height - 1); // the last rows have no row below: they repeat
      int upper = y * stride + component;
      for (int x = 0; x < width; x++) {
        int at = upper + x * components;
        here[x] = samples[at] & 0xFF;
        int previous = y == 0 ? here[x] : above[x];
        int next = samples[below * stride + component + x * components] & 0xFF;
        samples[at] = (byte) (3 * here[x] + previous + 1 >> 2);
        if (y + 1 < height) {
          samples[at + stride] = (byte) (3 * here[x] + next + 2 >> 2);
        }
      }
      int[] swap = above;
      above = here;
      here = swap;
    }
  }
}
