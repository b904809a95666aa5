package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ColorScaleTest {
  @Test
  void lightnessRisesFromEachColourToTheNext() {
    for (int i = 1; i < ColorScale.SIZE; i++) {
      assertThat(lightness(i)).as("colour %d", i).isGreaterThan(lightness(i - 1));
    }
  }

  @Test
  void equalStepsAreNearlyEqualStepsOfLightness() {
    double first = lightness(0);
    double step = (lightness(ColorScale.SIZE - 1) - first) / (ColorScale.SIZE - 1);
    for (int i = 0; i < ColorScale.SIZE; i++) {
      assertThat(lightness(i)).as("colour %d", i).isCloseTo(first + i * step, within(3.5));
    }
    for (int i = 16; i < ColorScale.SIZE; i++) {
      double sixteenth = (lightness(i) - lightness(i - 16)) / 16;
      assertThat(sixteenth).as("up to colour %d", i).isBetween(0.7 * step, 1.3 * step);
    }
  }

  @Test
  void theEndsAreDarkVioletAndLightYellow() {
    int dark = ColorScale.rgb(0);
    int light = ColorScale.rgb(1);

    assertThat(blue(dark)).isGreaterThan(red(dark)).isGreaterThan(green(dark));
    assertThat(lightness(0)).isLessThan(15);
    assertThat(red(light)).isGreaterThan(220);
    assertThat(green(light)).isGreaterThan(220);
    assertThat(blue(light)).isLessThan(green(light));
    assertThat(lightness(ColorScale.SIZE - 1)).isGreaterThan(90);
  }

  @Test
  void neighboursAreOfNearlyOneColour() {
    for (int i = 1; i < ColorScale.SIZE; i++) {
      int before = ColorScale.rgb((i - 1) / 255.0);
      int now = ColorScale.rgb(i / 255.0);
      assertThat(Math.abs(red(now) - red(before))).isLessThan(5);
      assertThat(Math.abs(green(now) - green(before))).isLessThan(5);
      assertThat(Math.abs(blue(now) - blue(before))).isLessThan(5);
    }
  }

  @Test
  void numbersBeyondTheEndsHaveTheColoursOfTheEnds() {
    assertThat(ColorScale.rgb(-3)).isEqualTo(ColorScale.rgb(0));
    assertThat(ColorScale.rgb(7)).isEqualTo(ColorScale.rgb(1));
  }

  /** CIE L* under D65, 0 to 100: not the space that the scale is made in. */
  private static double lightness(int index) {
    int rgb = ColorScale.rgb(index / 255.0);
    double luminance =
        0.2126 * linear(red(rgb)) + 0.7152 * linear(green(rgb)) + 0.0722 * linear(blue(rgb));
    return 116
            * (luminance > 216 / 24389.0
                ? Math.cbrt(luminance)
                : (24389 / 27.0 * luminance + 16) / 116)
        - 16;
  }

  private static double linear(int sample) {
    double value = sample / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  private static int red(int rgb) {
    return rgb >> 16 & 0xFF;
  }

  private static int green(int rgb) {
    return rgb >> 8 & 0xFF;
  }

  private static int blue(int rgb) {
    return rgb & 0xFF;
  }
}
