package dev.vignette.images;

import dev.vignette.images.Vp8Frame.Plane;

/**
 * From VP8's luma and chroma to RGB: chroma is interpolated from the four samples around a pixel
 * with weights 9, 3, 3 and 1 ("fancy upsampling"), then converted in fixed point, with the
 * roundings of libwebp 1.6 (src/dsp/upsampling.c, yuv.h).
 */
final class Vp8Colors {
  private Vp8Colors() {}

  /** Opaque pixels: (height, width). */
  static int[] toArgb(Vp8Frame frame) {
    int[] argb = new int[frame.width() * frame.height()];
    int[] u = new int[frame.width()];
    int[] v = new int[frame.width()];
    int lastRow = (frame.height() + 1) / 2 - 1;
    for (int y = 0; y < frame.height(); y++) {
      int near = y / 2;
      int far = Math.clamp((y & 1) == 0 ? near - 1 : near + 1, 0, lastRow);
      interpolate(frame.u(), near, far, u);
      interpolate(frame.v(), near, far, v);
      int luma = frame.luma().at(0, y);
      for (int x = 0; x < frame.width(); x++) {
        argb[y * frame.width() + x] = argb(frame.luma().samples()[luma + x] & 0xFF, u[x], v[x]);
      }
    }
    return argb;
  }

  /**
   * Fills {@code row} with chroma of the pixels in a row, whose nearest rows of samples are given.
   */
  private static void interpolate(Plane plane, int near, int far, int[] row) {
    byte[] samples = plane.samples();
    int nearAt = plane.at(0, near);
    int farAt = plane.at(0, far);
    int nearLeft = samples[nearAt] & 0xFF;
    int farLeft = samples[farAt] & 0xFF;
    row[0] = 3 * nearLeft + farLeft + 2 >> 2;
    int pairs = (row.length - 1) / 2;
    for (int i = 1; i <= pairs; i++) {
      int nearRight = samples[nearAt + i] & 0xFF;
      int farRight = samples[farAt + i] & 0xFF;
      int all = nearLeft + nearRight + farLeft + farRight + 8;
      row[2 * i - 1] = (all + 2 * (nearRight + farLeft) >> 3) + nearLeft >> 1;
      row[2 * i] = (all + 2 * (nearLeft + farRight) >> 3) + nearRight >> 1;
      nearLeft = nearRight;
      farLeft = farRight;
    }
    if ((row.length & 1) == 0) {
      row[row.length - 1] = 3 * nearLeft + farLeft + 2 >> 2;
    }
  }

  private static int argb(int y, int u, int v) {
    int luma = y * 19077 >> 8;
    int red = clip(luma + (v * 26149 >> 8) - 14234);
    int green = clip(luma - (u * 6419 >> 8) - (v * 13320 >> 8) + 8708);
    int blue = clip(luma + (u * 33050 >> 8) - 17685);
    return 0xFF000000 | red << 16 | green << 8 | blue;
  }

  private static int clip(int value) {
    return Math.clamp(value >> 6, 0, 255);
  }
}
