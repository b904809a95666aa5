package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.RgbImage;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionFigureTest {
  private static final int GAP = 16;
  private static final int WHITE = 0xFFFFFF;

  @Test
  void panelsStandInFiveColumnsOfTheImageAndTheWords() {
    // The image and the seven words of the made up caption: rows of five and of three
    BufferedImage figure = figure(SyntheticAttention.caption(128, 128), 128, 128);

    assertThat(figure.getWidth()).isEqualTo(5 * 256 + 6 * GAP);
    int below = figure.getHeight() - 36 - 2 * (256 + 58);
    for (int column = 0; column < 5; column++) {
      int middle = GAP + column * (256 + GAP) + 128;
      assertThat(figure.getRGB(middle, below + 128) & WHITE).as("upper row").isNotEqualTo(WHITE);
      assertThat(figure.getRGB(middle - 128 - GAP / 2, below + 128) & WHITE).isEqualTo(WHITE);
      boolean panel = column < 3;
      assertThat((figure.getRGB(middle, below + 256 + 58 + 128) & WHITE) != WHITE)
          .as("lower row, column %d", column)
          .isEqualTo(panel);
    }
  }

  @Test
  void theFirstPanelIsTheImage() {
    RgbImage image = SyntheticAttention.image(256, 200);
    BufferedImage figure = figure(SyntheticAttention.caption(256, 200), 256, 200);

    int top = figure.getHeight() - 36 - 2 * (200 + 58);
    for (int x = 0; x < 256; x += 17) {
      int at = 3 * (90 * 256 + x);
      int expected =
          (image.rgb()[at] & 0xFF) << 16
              | (image.rgb()[at + 1] & 0xFF) << 8
              | image.rgb()[at + 2] & 0xFF;
      assertThat(figure.getRGB(GAP + x, top + 90) & WHITE).isEqualTo(expected);
    }
  }

  @Test
  void aLongCaptionTakesMoreLines() {
    AttendedCaption plain = SyntheticAttention.caption(128, 128);
    AttendedCaption wordy =
        new AttendedCaption("a giraffe in the snow ".repeat(30), plain.trace(), plain.geometry());

    assertThat(figure(wordy, 128, 128).getHeight())
        .isGreaterThan(figure(plain, 128, 128).getHeight() + 50);
  }

  @Test
  void wordsOfAnyScriptAndLengthAreDrawn() {
    AttentionTrace trace =
        new AttentionTrace(
            List.of("猫", " क्षेत्र", " שלום", " 👩‍👩‍👧", " \u0007", " " + "w".repeat(300)),
            List.of(0),
            List.of(),
            new PatchGrid(0, 1),
            new float[][][] {{{1}}, {{1}}, {{1}}, {{1}}, {{1}}, {{1}}});
    AttendedCaption caption =
        new AttendedCaption(
            String.join("", trace.pieces()),
            trace,
            PixelPreprocessor.clip(Framing.PAD, 14).geometry(30, 20));

    assertThat(figure(caption, 30, 20).getWidth()).isEqualTo(5 * 256 + 6 * GAP);
  }

  @ParameterizedTest
  @CsvSource({
    "112, 112, 224, 224",
    "120, 160, 240, 320",
    "160, 120, 256, 192",
    "144, 144, 256, 256",
    "1200, 800, 256, 171",
    "100, 1000, 38, 384",
    "30, 20, 240, 160"
  })
  void panelsAreAsWideAsTheyCanBe(int width, int height, int panelWidth, int panelHeight) {
    RgbImage panel =
        PanelSize.panel(new RgbImage(width, height, new byte[3 * width * height]), 256, 384);

    assertThat(panel.width()).isEqualTo(panelWidth);
    assertThat(panel.height()).isEqualTo(panelHeight);
  }

  private static BufferedImage figure(AttendedCaption caption, int width, int height) {
    ViewedMaps maps =
        ViewedMaps.of(MapView.RELATIVE, WordMaps.of(caption.trace()), Optional.empty());
    return new AttentionFigure(
            caption, SyntheticAttention.image(width, height), SyntheticAttention.SOURCE, maps)
        .draw();
  }
}
