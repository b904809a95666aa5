package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.images.PixelGeometry;
import dev.vignette.images.PixelGeometry.Box;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeatFieldTest {
  private static final int GRID = 8;

  /**
   * Catmull-Rom halfway between two centres is 9/16, beside the border at most 8/100 more and 1/16
   * less: what is above is in the cell on both axes, what is below the square is not.
   */
  private static final float MOST_OUTSIDE = 0.5625f * 1.08f;

  private static final float LEAST_INSIDE = 0.25f;

  @ParameterizedTest
  @CsvSource({
    "CROP, 160, 120",
    "CROP, 120, 160",
    "CROP, 144, 144",
    "CROP, 640, 200",
    "CROP_OPENAI, 213, 160",
    "PAD, 160, 120",
    "PAD, 120, 160",
    "PAD, 144, 144",
    "PAD, 500, 301"
  })
  void aCellIsLitOnItsOwnPixelsAndBrightestThere(Framing framing, int width, int height) {
    PixelGeometry geometry = PixelPreprocessor.clip(framing, 112).geometry(width, height);
    for (int cell = 0; cell < GRID * GRID; cell++) {
      int row = cell / GRID;
      int column = cell % GRID;
      Box box = geometry.patch(row, column, GRID);
      HeatField field = HeatField.of(only(row, column), geometry, width, height);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          float value = field.values()[y * width + x];
          boolean inside = in(box, x + 0.5, y + 0.5, 1e-6);
          if (field.seen()[y * width + x] && value > MOST_OUTSIDE) {
            assertThat(inside).as("%s at %d, %d of %d, %d", value, x, y, row, column).isTrue();
          }
          if (inside) {
            assertThat(value).isGreaterThan(LEAST_INSIDE - 1e-4f);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CROP, 160, 120",
    "CROP, 120, 160",
    "CROP, 144, 144",
    "PAD, 160, 120",
    "PAD, 120, 160"
  })
  void theMiddleOfACellHasItsValue(Framing framing, int width, int height) {
    PixelGeometry geometry = PixelPreprocessor.clip(framing, 112).geometry(width, height);
    int[][] cells = {{0, 0}, {0, 7}, {7, 0}, {7, 7}, {3, 4}, {2, 6}};
    int scale = 10; // a raster fine enough to have a pixel at every centre
    for (int[] cell : cells) {
      double side = 112.0 / GRID;
      PixelGeometry.Point middle =
          geometry.toOriginal(
              new PixelGeometry.Point((cell[1] + 0.5) * side, (cell[0] + 0.5) * side));
      if (middle.x() >= 0 && middle.x() < width && middle.y() >= 0 && middle.y() < height) {
        HeatField field =
            HeatField.of(only(cell[0], cell[1]), geometry, scale * width, scale * height);
        int at = (int) (scale * middle.y()) * scale * width + (int) (scale * middle.x());
        assertThat(field.values()[at]).isCloseTo(1, within(0.005f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"CROP, 160, 120", "CROP, 120, 160", "CROP, 320, 100", "CROP_OPENAI, 211, 160"})
  void whatWasCroppedAwayIsNotSeenAndTheRestIs(Framing framing, int width, int height) {
    PixelGeometry geometry = PixelPreprocessor.clip(framing, 112).geometry(width, height);

    HeatField field = HeatField.of(PatchMap.uniform(GRID), geometry, width, height);

    int unseen = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean seen = field.seen()[y * width + x];
        assertThat(seen).isEqualTo(in(geometry.seen(), x + 0.5, y + 0.5, 0));
        unseen += seen ? 0 : 1;
      }
    }
    assertThat(unseen).isPositive();
  }

  @Test
  void allOfAPaddedImageIsSeen() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.PAD, 112).geometry(160, 90);

    assertThat(HeatField.of(PatchMap.uniform(GRID), geometry, 160, 90).seen()).containsOnly(true);
  }

  @Test
  void noValueLeavesTheRangeOfTheMap() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.CROP, 112).geometry(112, 112);
    float[] checks = new float[GRID * GRID];
    for (int i = 0; i < checks.length; i++) {
      checks[i] = (i + i / GRID) % 2 == 0 ? 0.2f : 0.9f;
    }

    HeatField field = HeatField.of(new PatchMap(GRID, checks), geometry, 112, 112);

    for (float value : field.values()) {
      assertThat(value).isBetween(0.2f, 0.9f);
    }
  }

  @Test
  void anotherSizeOfTheImageShowsTheSamePlaces() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.CROP, 112).geometry(160, 120);
    HeatField own = HeatField.of(only(2, 5), geometry, 160, 120);
    HeatField tripled = HeatField.of(only(2, 5), geometry, 480, 360);

    for (int y = 0; y < 120; y++) {
      for (int x = 0; x < 160; x++) {
        int middle = (3 * y + 1) * 480 + 3 * x + 1;
        assertThat(tripled.values()[middle]).isCloseTo(own.values()[y * 160 + x], within(1e-5f));
      }
    }
  }

  private static boolean in(Box box, double x, double y, double slack) {
    return x >= box.left() - slack
        && x <= box.right() + slack
        && y >= box.top() - slack
        && y <= box.bottom() + slack;
  }

  private static PatchMap only(int row, int column) {
    float[] values = new float[GRID * GRID];
    values[row * GRID + column] = 1;
    return new PatchMap(GRID, values);
  }
}
