package dev.vignette.attention;

import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.images.PixelGeometry;
import dev.vignette.images.RgbImage;

/**
 * A map in colours over its picture: the brighter lit, the more opaque. The picture beneath is
 * muted, so that light colours stand out on a bright one too; what the model did not see has no
 * colour and is dark.
 */
final class HeatmapOverlay {
  /** How opaque the colour is where a patch is lit fully. */
  static final double OPACITY = 0.85;

  /** What is left of the picture's colourfulness under a map. */
  static final double MUTED_COLOR = 0.5;

  /** What is left of the picture's brightness under a map. */
  static final double MUTED_LIGHT = 0.75;

  /**
   * What is left of the brightness of what the model did not see; of its colourfulness, nothing.
   */
  static final double UNSEEN_LIGHT = 0.3;

  /** How much red, green and blue make a pixel bright (ITU-R BT.709). */
  static final double RED = 0.2126;

  static final double GREEN = 0.7152;
  static final double BLUE = 0.0722;

  private HeatmapOverlay() {}

  /**
   * Draws a map over the image in any size.
   *
   * @param picture the image in its own size or another
   * @param lit how brightly each patch is lit, 0 to 1, see {@link ViewedMaps#lit}
   * @param geometry of the image in its own size
   */
  public static RgbImage draw(RgbImage picture, PatchMap lit, PixelGeometry geometry) {
    HeatField field = HeatField.of(lit, geometry, picture.width(), picture.height());
    byte[] from = picture.rgb();
    byte[] to = new byte[from.length];
    for (int pixel = 0; pixel < field.values().length; pixel++) {
      int at = 3 * pixel;
      double red = from[at] & 0xFF;
      double green = from[at + 1] & 0xFF;
      double blue = from[at + 2] & 0xFF;
      double grey = RED * red + GREEN * green + BLUE * blue;
      if (field.seen()[pixel]) {
        float value = field.values()[pixel];
        int color = ColorScale.rgb(value);
        to[at] = over(muted(red, grey), color >> 16 & 0xFF, value);
        to[at + 1] = over(muted(green, grey), color >> 8 & 0xFF, value);
        to[at + 2] = over(muted(blue, grey), color & 0xFF, value);
      } else {
        to[at] = to[at + 1] = to[at + 2] = (byte) Math.round(UNSEEN_LIGHT * grey);
      }
    }
    return new RgbImage(picture.width(), picture.height(), to);
  }

  private static double muted(double sample, double grey) {
    return MUTED_LIGHT * (grey + MUTED_COLOR * (sample - grey));
  }

  private static byte over(double beneath, int color, float lit) {
    double opacity = OPACITY * Math.clamp(lit, 0, 1);
    return (byte) Math.round(beneath + opacity * (color - beneath));
  }
}
