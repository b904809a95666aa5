package dev.vignette.images;

import dev.vignette.images.WebpStructure.Part;
import java.util.ArrayDeque;
import java.util.Deque;

/** Decodes lossless WebP pictures (RFC 9649, 3). */
final class Vp8lDecoder {
  private static final int SIGNATURE = 0x2F;
  private static final int PREDICTOR = 0;
  private static final int COLOR = 1;
  private static final int SUBTRACT_GREEN = 2;

  private final Vp8lBits bits;
  private final int height;
  private final Deque<Vp8lTransform> transforms = new ArrayDeque<>();
  private int width;

  private Vp8lDecoder(Vp8lBits bits, int width, int height) {
    this.bits = bits;
    this.width = width;
    this.height = height;
  }

  /** Decodes a picture with its header. */
  static Vp8lImage decode(ImageFile file, Part data) {
    Vp8lBits bits = new Vp8lBits(file, data);
    if (bits.read(8) != SIGNATURE) {
      throw bits.damaged("does not begin as one");
    }
    int width = 1 + bits.read(14);
    int height = 1 + bits.read(14);
    bits.flag(); // whether alpha is used, which the structure has read
    if (bits.read(3) != 0) {
      throw bits.damaged("is of an unknown version");
    }
    file.checkSize(width, height);
    return new Vp8lImage(width, height, new Vp8lDecoder(bits, width, height).decode());
  }

  /** Decodes a picture without header, of which green counts: (height, width). */
  static int[] decodeGreen(ImageFile file, Part data, int width, int height) {
    int[] argb = new Vp8lDecoder(new Vp8lBits(file, data), width, height).decode();
    for (int i = 0; i < argb.length; i++) {
      argb[i] = argb[i] >> 8 & 0xFF;
    }
    return argb;
  }

  private int[] decode() {
    int seen = 0;
    while (bits.flag()) {
      int type = bits.read(2);
      if ((seen >> type & 1) != 0) {
        throw bits.damaged("has a transform twice");
      }
      seen |= 1 << type;
      transforms.push(readTransform(type));
    }
    int[] argb = Vp8lPixels.read(bits, width, height, true);
    for (Vp8lTransform transform : transforms) {
      argb = transform.undo(argb, height);
    }
    return argb;
  }

  private Vp8lTransform readTransform(int type) {
    if (type == SUBTRACT_GREEN) {
      return new Vp8lTransform.SubtractGreen();
    }
    if (type == PREDICTOR || type == COLOR) {
      int squareBits = 2 + bits.read(3);
      int columns = Vp8lTransform.squares(width, squareBits);
      int[] data = Vp8lPixels.read(bits, columns, Vp8lTransform.squares(height, squareBits), false);
      return type == COLOR
          ? new Vp8lTransform.Color(width, squareBits, data)
          : new Vp8lTransform.Predictor(width, squareBits, data);
    }
    return readPalette();
  }

  private Vp8lTransform readPalette() {
    int colors = 1 + bits.read(8);
    int[] palette = Vp8lPixels.read(bits, colors, 1, false);
    for (int i = 1; i < colors; i++) {
      palette[i] = Vp8lTransform.add(palette[i], palette[i - 1]);
    }
    int packing = colors <= 2 ? 3 : colors <= 4 ? 2 : colors <= 16 ? 1 : 0;
    Vp8lTransform transform = new Vp8lTransform.Palette(width, packing, palette);
    width = Vp8lTransform.squares(width, packing);
    return transform;
  }

  /** Pixels of a lossless WebP picture: alpha, red, green and blue in an int; (height, width). */
  record Vp8lImage(int width, int height, int[] argb) {}
}
