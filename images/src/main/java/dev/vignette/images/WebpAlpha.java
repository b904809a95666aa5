package dev.vignette.images;

import dev.vignette.images.WebpStructure.Part;

/**
 * The alpha that goes with lossy pictures (RFC 9649, 2.7.1.2): raw or lossless, each sample a
 * difference from others.
 */
final class WebpAlpha {
  private static final int RAW = 0;
  private static final int LOSSLESS = 1;
  private static final int HORIZONTAL = 1;
  private static final int VERTICAL = 2;

  private WebpAlpha() {}

  /** Puts the alpha of {@code part} into {@code argb}, (height, width). */
  static void apply(ImageFile file, Part part, int width, int[] argb) {
    if (part.to() - part.from() < 1) {
      throw file.truncated("its alpha is empty");
    }
    int header = file.unsigned8(part.from());
    Part data = new Part(part.from() + 1, part.to());
    int[] alpha =
        switch (header & 3) {
          case RAW -> raw(file, data, argb.length);
          case LOSSLESS -> Vp8lDecoder.decodeGreen(file, data, width, argb.length / width);
          default -> throw file.damaged("its alpha is of an unknown kind");
        };
    unfilter(alpha, width, header >> 2 & 3);
    for (int i = 0; i < argb.length; i++) {
      argb[i] = argb[i] & 0xFFFFFF | alpha[i] << 24;
    }
  }

  private static int[] raw(ImageFile file, Part data, int count) {
    if (data.to() - data.from() < count) {
      throw file.truncated(
          "its alpha has %d of %d bytes".formatted(data.to() - data.from(), count));
    }
    int[] alpha = new int[count];
    for (int i = 0; i < count; i++) {
      alpha[i] = file.unsigned8(data.from() + i);
    }
    return alpha;
  }

  private static void unfilter(int[] alpha, int width, int filter) {
    if (filter == 0) {
      return;
    }
    for (int i = 1; i < alpha.length; i++) {
      int x = i % width;
      int prediction;
      if (i < width) {
        prediction = alpha[i - 1];
      } else if (x == 0 || filter == VERTICAL) {
        prediction = alpha[i - width];
      } else if (filter == HORIZONTAL) {
        prediction = alpha[i - 1];
      } else {
        prediction = Math.clamp(alpha[i - 1] + alpha[i - width] - alpha[i - width - 1], 0, 255);
      }
      alpha[i] = alpha[i] + prediction & 0xFF;
    }
  }
}
