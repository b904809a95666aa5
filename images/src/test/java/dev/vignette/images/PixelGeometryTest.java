package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.images.PixelGeometry.Box;
import dev.vignette.images.PixelGeometry.Point;
import dev.vignette.images.PixelPreprocessor.Framing;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PixelGeometryTest {
  @Test
  void aCropSeesTheMiddleOfAWideImage() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.CROP, 112).geometry(160, 120);

    // 160 x 120 becomes 149 x 112, of which columns 18 to 130 are kept
    Box seen = geometry.seen();
    assertThat(seen.left()).isCloseTo(18 * 160 / 149.0, within(1e-9));
    assertThat(seen.right()).isCloseTo(130 * 160 / 149.0, within(1e-9));
    assertThat(seen.top()).isZero();
    assertThat(seen.bottom()).isCloseTo(120, within(1e-9));
  }

  @Test
  void aCropSeesTheMiddleOfATallImage() {
    Box seen = PixelPreprocessor.clip(Framing.CROP, 112).geometry(120, 160).seen();

    assertThat(seen.top()).isCloseTo(18 * 160 / 149.0, within(1e-9));
    assertThat(seen.left()).isZero();
    assertThat(seen.right()).isCloseTo(120, within(1e-9));
  }

  @Test
  void paddingIsOutsideOfTheImage() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.PAD, 80).geometry(160, 120);

    assertThat(geometry.toOriginal(new Point(0, 0))).isEqualTo(new Point(0, -20));
    assertThat(geometry.toOriginal(new Point(80, 80))).isEqualTo(new Point(160, 140));
    assertThat(geometry.patch(0, 0, 8).isEmpty()).isTrue();
    assertThat(geometry.patch(1, 0, 8)).isEqualTo(new Box(0, 0, 20, 20));
    assertThat(geometry.seen()).isEqualTo(new Box(0, 0, 160, 120));
  }

  @Test
  void aStretchedPictureIsSeenWholeAndPatchesMayLeaveSomeOver() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.STRETCH, 384).geometry(768, 192);

    assertThat(geometry.seen()).isEqualTo(new Box(0, 0, 768, 192));
    assertThat(geometry.upTo(378).seen()).isEqualTo(new Box(0, 0, 756, 189));
    assertThatThrownBy(() -> geometry.upTo(385)).hasMessageContaining("384 pixels");
  }

  @Test
  void patchesTileWhatIsSeen() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.CROP, 336).geometry(640, 427);
    double area = 0;
    for (int row = 0; row < 24; row++) {
      for (int column = 0; column < 24; column++) {
        Box patch = geometry.patch(row, column, 24);
        area += (patch.right() - patch.left()) * (patch.bottom() - patch.top());
      }
    }

    Box seen = geometry.seen();
    assertThat(area)
        .isCloseTo((seen.right() - seen.left()) * (seen.bottom() - seen.top()), within(1e-6));
  }

  @ParameterizedTest
  @EnumSource
  void placesComeBack(Framing framing) {
    PixelGeometry geometry = PixelPreprocessor.clip(framing, 224).geometry(451, 300);

    Point back = geometry.toModel(geometry.toOriginal(new Point(17.5, 200.25)));

    assertThat(back.x()).isCloseTo(17.5, within(1e-9));
    assertThat(back.y()).isCloseTo(200.25, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void aBrightSpotIsWhereTheGeometrySays(Framing framing) {
    int width = 300;
    int height = 200;
    RgbImage image = PixelPreprocessorTest.filled(width, height, 0, 0, 0);
    Point spot = new Point(130.5, 90.5);
    for (int i = 0; i < 25; i++) {
      int x = 128 + i % 5;
      int y = 88 + i / 5;
      Arrays.fill(image.rgb(), 3 * (y * width + x), 3 * (y * width + x) + 3, (byte) 255);
    }
    PixelPreprocessor preprocessor = PixelPreprocessor.clip(framing, 200);

    byte[] seen = preprocessor.frame(image).rgb();
    Point expected = preprocessor.geometry(width, height).toModel(spot);

    double sum = 0;
    double sumX = 0;
    double sumY = 0;
    for (int i = 0; i < seen.length; i += 3) {
      if ((seen[i] & 0xFF) > 200) {
        sum++;
        sumX += i / 3 % 200 + 0.5;
        sumY += i / 3 / 200 + 0.5;
      }
    }
    assertThat(sumX / sum).isCloseTo(expected.x(), within(0.51));
    assertThat(sumY / sum).isCloseTo(expected.y(), within(0.51));
  }

  @Test
  void aCellBeyondTheGridIsRefused() {
    PixelGeometry geometry = PixelPreprocessor.clip(Framing.CROP, 112).geometry(160, 120);

    assertThatThrownBy(() -> geometry.patch(0, 8, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0 to 7, but got 0 and 8");
    assertThatThrownBy(() -> new PixelGeometry(0, 1, 1, 1, 1, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void boxesThatDoNotMeetHaveNoArea() {
    Box apart = new Box(0, 0, 2, 2).intersection(new Box(5, 5, 6, 6));

    assertThat(apart.isEmpty()).isTrue();
    assertThat(apart.right() - apart.left()).isZero();
  }
}
