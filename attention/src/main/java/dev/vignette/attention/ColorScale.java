package dev.vignette.attention;

/**
 * Colours for numbers from 0 to 1, from dark violet over red to light yellow, so that equal steps
 * of the number look like equal steps of lightness. A path through OKLCh (Björn Ottosson, "A
 * perceptual color space for image processing", 2020): lightness rises along a straight line, the
 * hue turns evenly, and the chroma swells in the middle, but stays within what sRGB can show.
 */
final class ColorScale {
  /** Number of colours. */
  public static final int SIZE = 256;

  private static final double DARKEST = 0.24;
  private static final double LIGHTEST = 0.95;

  /** Degrees: violet, and yellow after one turn. */
  private static final double FIRST_HUE = 295;

  private static final double LAST_HUE = 465;
  private static final double LEAST_CHROMA = 0.09;
  private static final double MOST_CHROMA = 0.19;
  private static final int CHROMA_HALVINGS = 30;
  private static final int[] COLORS = colors();

  private ColorScale() {}

  /**
   * The colour of a number.
   *
   * @param value 0 to 1; beyond, the nearest
   * @return 0xRRGGBB
   */
  public static int rgb(double value) {
    return COLORS[(int) Math.round(Math.clamp(value, 0, 1) * (SIZE - 1))];
  }

  private static int[] colors() {
    int[] colors = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      double at = i / (SIZE - 1.0);
      double lightness = DARKEST + (LIGHTEST - DARKEST) * at;
      double hue = Math.toRadians(FIRST_HUE + (LAST_HUE - FIRST_HUE) * at);
      double chroma = LEAST_CHROMA + (MOST_CHROMA - LEAST_CHROMA) * Math.sin(Math.PI * at);
      colors[i] = rounded(linearRgb(lightness, shown(lightness, chroma, hue), hue));
    }
    return colors;
  }

  /** The chroma, or the largest below that sRGB can show. */
  private static double shown(double lightness, double chroma, double hue) {
    if (inGamut(linearRgb(lightness, chroma, hue))) {
      return chroma;
    }
    double low = 0;
    double high = chroma;
    for (int i = 0; i < CHROMA_HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (inGamut(linearRgb(lightness, middle, hue))) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** OKLCh to linear sRGB, with the matrices of Ottosson's article. */
  private static double[] linearRgb(double lightness, double chroma, double hue) {
    double a = chroma * Math.cos(hue);
    double b = chroma * Math.sin(hue);
    double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
    double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
    double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
    return new double[] {
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s
    };
  }

  private static double cube(double x) {
    return x * x * x;
  }

  private static boolean inGamut(double[] linear) {
    for (double channel : linear) {
      if (channel < 0 || channel > 1) {
        return false;
      }
    }
    return true;
  }

  private static int rounded(double[] linear) {
    int rgb = 0;
    for (double channel : linear) {
      rgb = rgb << 8 | (int) Math.round(255 * encoded(channel));
    }
    return rgb;
  }

  /** The transfer function of sRGB (IEC 61966-2-1). */
  private static double encoded(double linear) {
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
  }
}
