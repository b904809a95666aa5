package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.images.PixelGeometry;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.RgbImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeatmapOverlayTest {
  private static final int GRID = 8;

  @ParameterizedTest
  @CsvSource({"CROP, 160, 120", "CROP, 120, 160", "PAD, 160, 120", "PAD, 120, 160", "CROP, 96, 96"})
  void onlyTheLitPatchIsColoured(Framing framing, int width, int height) {
    PixelGeometry geometry = PixelPreprocessor.clip(framing, 112).geometry(width, height);
    float[] values = new float[GRID * GRID];
    values[3 * GRID + 5] = 1;
    PixelGeometry.Box box = geometry.patch(3, 5, GRID);

    RgbImage drawn = HeatmapOverlay.draw(grey(width, height), new PatchMap(GRID, values), geometry);

    double[] centre = new double[2];
    int coloured = 0;
    for (int pixel = 0; pixel < width * height; pixel++) {
      if (colourfulness(drawn, pixel) > 60) {
        centre[0] += pixel % width + 0.5;
        centre[1] += pixel / width + 0.5;
        coloured++;
      }
    }
    assertThat(coloured).isPositive();
    assertThat(centre[0] / coloured)
        .isBetween((box.left() + box.right()) / 2 - 1, (box.left() + box.right()) / 2 + 1);
    assertThat(centre[1] / coloured)
        .isBetween((box.top() + box.bottom()) / 2 - 1, (box.top() + box.bottom()) / 2 + 1);
  }

  @Test
  void aPatchLitFullyHasTheLastColourOverAMutedPicture() {
    float[] values = new float[GRID * GRID];
    Arrays.fill(values, 1);

    RgbImage drawn =
        HeatmapOverlay.draw(
            grey(64, 64),
            new PatchMap(GRID, values),
            PixelPreprocessor.clip(Framing.CROP, 64).geometry(64, 64));

    int color = ColorScale.rgb(1);
    double beneath = HeatmapOverlay.MUTED_LIGHT * 200;
    for (int channel = 0; channel < 3; channel++) {
      int over = color >> 16 - 8 * channel & 0xFF;
      assertThat(drawn.rgb()[channel] & 0xFF)
          .isEqualTo((int) Math.round(beneath + HeatmapOverlay.OPACITY * (over - beneath)));
    }
  }

  @Test
  void whatTheModelDidNotSeeIsDarkWithoutColour() {
    float[] values = new float[GRID * GRID];
    Arrays.fill(values, 1);
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.CROP, 112).geometry(200, 100);

    RgbImage drawn =
        HeatmapOverlay.draw(
            SyntheticAttention.image(200, 100), new PatchMap(GRID, values), geometry);

    for (int x : new int[] {0, 20, 48, 151, 199}) {
      int pixel = 50 * 200 + x;
      assertThat(colourfulness(drawn, pixel)).isZero();
      assertThat(drawn.rgb()[3 * pixel] & 0xFF).isLessThan(80);
    }
    assertThat(colourfulness(drawn, 50 * 200 + 52)).isGreaterThan(60);
    assertThat(colourfulness(drawn, 50 * 200 + 147)).isGreaterThan(60);
  }

  private static int colourfulness(RgbImage image, int pixel) {
    int red = image.rgb()[3 * pixel] & 0xFF;
    int green = image.rgb()[3 * pixel + 1] & 0xFF;
    int blue = image.rgb()[3 * pixel + 2] & 0xFF;
    return Math.max(red, Math.max(green, blue)) - Math.min(red, Math.min(green, blue));
  }

  private static RgbImage grey(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 200);
    return new RgbImage(width, height, rgb);
  }
}
