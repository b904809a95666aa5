package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.PixelPreprocessor.PixelNormalization;
import dev.vignette.images.PixelPreprocessor.Resampling;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PixelPreprocessorTest {
  private static final Path IMAGES =
      Path.of(System.getProperty("vignette.root"), "models/mini/data/images/val");

  @ParameterizedTest
  @EnumSource
  void squaresOfEverySizeArePillows(Framing framing) {
    for (String[] row : GoldenTable.rows("framed-images.tsv")) {
      if (row[1].equals(framing.name())) {
        RgbImage image = RgbImage.read(IMAGES.resolve(row[0] + ".jpg"));
        int size = Integer.parseInt(row[2]);

        RgbImage framed = PixelPreprocessor.clip(framing, size).frame(image);

        assertThat(framed.width()).isEqualTo(size);
        assertThat(Sha256.of(framed.rgb())).as("%s at %d", row[0], size).isEqualTo(row[3]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BILINEAR", "LANCZOS"})
  void stretchedPicturesArePillowsHoweverTheyAreResampled(Resampling resampling) {
    int compared = 0;
    for (String[] row : GoldenTable.rows("framed-images.tsv")) {
      if (row[1].equals("STRETCH_" + resampling)) {
        RgbImage image = RgbImage.read(IMAGES.resolve(row[0] + ".jpg"));
        int size = Integer.parseInt(row[2]);

        RgbImage framed =
            new PixelPreprocessor(Framing.STRETCH, size, PixelNormalization.CLIP, resampling)
                .frame(image);

        assertThat(Sha256.of(framed.rgb())).as("%s at %d", row[0], size).isEqualTo(row[3]);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource
  void oneColourStaysThatColour(Framing framing) {
    RgbImage image = filled(301, 77, 13, 200, 255);

    RgbImage framed = PixelPreprocessor.clip(framing, 64).frame(image);

    int middle = 3 * (32 * 64 + 32);
    assertThat(Arrays.copyOfRange(framed.rgb(), middle, middle + 3)).containsExactly(13, 200, 255);
    int corner = framing == Framing.PAD ? 122 : 13;
    assertThat(framed.rgb()[0] & 0xFF).isEqualTo(corner);
  }

  @Test
  void paddingOfAnyWidthCostsNoMemory() {
    RgbImage line = filled(900_000, 1, 250, 0, 0);

    RgbImage padded = PixelPreprocessor.clip(Framing.PAD, 16).frame(line);

    assertThat(padded).isEqualTo(filled(16, 16, 122, 116, 104));
  }

  @Test
  void anImageOfOnePixelFillsTheSquare() {
    assertThat(PixelPreprocessor.clip(Framing.CROP, 8).frame(filled(1, 1, 1, 2, 3)))
        .isEqualTo(filled(8, 8, 1, 2, 3));
    assertThat(PixelPreprocessor.clip(Framing.PAD, 8).frame(filled(1, 1, 1, 2, 3)))
        .isEqualTo(filled(8, 8, 1, 2, 3));
  }

  @Test
  void numbersAreChannelByChannel() {
    RgbImage image =
        new RgbImage(2, 1, new byte[] {0, (byte) 128, (byte) 255, 51, 102, (byte) 153});
    PixelNormalization half =
        new PixelNormalization(1 / 255.0, List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));

    assertThat(half.pixelsChw(image))
        .containsExactly(
            -1f,
            (51 / 255f - 0.5f) / 0.5f,
            (128 / 255f - 0.5f) / 0.5f,
            (102 / 255f - 0.5f) / 0.5f,
            1f,
            (153 / 255f - 0.5f) / 0.5f);
  }

  @Test
  void aFactorOfOne255thIsADivisionBy255InFloat() {
    for (int sample = 0; sample < 256; sample++) {
      assertThat((float) (sample * PixelNormalization.CLIP.rescale())).isEqualTo(sample / 255f);
    }
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> PixelPreprocessor.clip(Framing.CROP, 0))
        .hasMessageContaining("but is 0");
    assertThatThrownBy(() -> new PixelNormalization(1, List.of(0.5), List.of(1.0, 1.0, 1.0)))
        .hasMessageContaining("[0.5]");
    assertThatThrownBy(
            () -> new PixelNormalization(1, List.of(0.5, 0.5, 0.5), List.of(1.0, 0.0, 1.0)))
        .hasMessageContaining("above 0");
  }

  static RgbImage filled(int width, int height, int red, int green, int blue) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) red;
      rgb[i + 1] = (byte) green;
      rgb[i + 2] = (byte) blue;
    }
    return new RgbImage(width, height, rgb);
  }
}
