package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.RgbImage.ImageReadOptions.AlphaMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RgbImageTest {
  private static final Path IMAGES =
      Path.of(System.getProperty("vignette.root"), "models/mini/data/images/val");

  static List<SmallImage> smallImages() {
    return SmallImage.all();
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void everyKindOfFileIsDecodedToPillowsPixels(SmallImage image) {
    RgbImage pillow = RgbImage.read(image.file(), image.name(), ImageReadOptions.PILLOW);

    assertThat(Sha256.of(pillow.rgb())).isEqualTo(image.dropped());
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void transparencyShowsWhite(SmallImage image) {
    RgbImage asStored =
        RgbImage.read(image.file(), image.name(), ImageReadOptions.DEFAULT.withUpright(false));

    assertThat(Sha256.of(asStored.rgb())).isEqualTo(image.overWhite());
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void everyOrientationIsTurnedUpright(SmallImage image) {
    RgbImage upright = RgbImage.read(image.file(), image.name());

    assertThat(upright.width()).isEqualTo(image.uprightWidth());
    assertThat(Sha256.of(upright.rgb())).isEqualTo(image.upright());
  }

  @Test
  void filesThatOtherToolsFailedOnAreDecodedToPillowsPixels() throws IOException {
    List<String[]> cases = GoldenTable.rows("cases/cases.tsv");
    for (String[] row : cases) {
      RgbImage image = RgbImage.read(resource("cases/" + row[0]), row[0]);

      assertThat(image.width() + "x" + image.height()).as(row[0]).isEqualTo(row[1]);
      assertThat(Sha256.of(image.rgb())).as(row[0]).isEqualTo(row[2]);
    }
    assertThat(cases).hasSize(9);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RgbImageTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void theMiniatureImagesAreDecodedToPillowsPixels() {
    for (String[] row : GoldenTable.rows("framed-images.tsv")) {
      if (row[1].equals("decoded")) {
        RgbImage image = RgbImage.read(IMAGES.resolve(row[0] + ".jpg"));

        assertThat(image.width()).isEqualTo(Integer.parseInt(row[2]));
        assertThat(Sha256.of(image.rgb())).as(row[0]).isEqualTo(row[3]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {36, 112, 144, 288})
  void aSquareResizedIsTheSquareThatAModelSees(int size) {
    RgbImage square = RgbImage.read(IMAGES.resolve("000000000004.jpg"));

    assertThat(square.resized(size, size))
        .isEqualTo(PixelPreprocessor.clip(PixelPreprocessor.Framing.CROP, size).frame(square));
  }

  @Test
  void resizingKeepsTheOrderOfRowsAndColumns() {
    RgbImage halves = new RgbImage(2, 1, new byte[] {0, 0, 0, (byte) 255, (byte) 255, (byte) 255});

    RgbImage larger = halves.resized(8, 3);

    assertThat(larger.width()).isEqualTo(8);
    assertThat(larger.height()).isEqualTo(3);
    assertThat(larger.rgb()[0]).isZero();
    assertThat(larger.rgb()[3 * 7] & 0xFF).isEqualTo(255);
    assertThat(larger.rgb()[3 * 16] & 0xFF).isZero();
    assertThatThrownBy(() -> halves.resized(0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 x 3");
  }

  @Test
  void aTransparentGreyOfFewBitsIsTheGreyOfTheFile() {
    byte[] file = PngFiles.grey(4, new int[] {5, 6}, 5);

    assertThat(RgbImage.read(file, "key.png").rgb())
        .containsExactly(255, 255, 255, 6 * 17, 6 * 17, 6 * 17);
    assertThat(RgbImage.read(file, "key.png", ImageReadOptions.PILLOW).rgb())
        .containsExactly(5 * 17, 5 * 17, 5 * 17, 6 * 17, 6 * 17, 6 * 17);
  }

  @Test
  void ofGreyOfSixteenBitsTheHighByteCounts() {
    byte[] file = PngFiles.grey(16, new int[] {0x1234, 0xFEFF}, -1);

    assertThat(RgbImage.read(file, "deep.png").rgb())
        .containsExactly(0x12, 0x12, 0x12, 0xFE, 0xFE, 0xFE);
  }

  @Test
  void aHalfTransparentSampleIsHalfwayToWhite() {
    assertThat(AlphaMode.OVER_WHITE.opaque(0, 128)).isEqualTo(127);
    assertThat(AlphaMode.OVER_WHITE.opaque(200, 0)).isEqualTo(255);
    assertThat(AlphaMode.OVER_WHITE.opaque(200, 255)).isEqualTo(200);
    assertThat(AlphaMode.DROP.opaque(200, 0)).isEqualTo(200);
  }

  @Test
  void manyThreadsDecodeTheSamePixels() throws Exception {
    List<SmallImage> images = SmallImage.all();
    List<Callable<String>> tasks = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      for (SmallImage image : images) {
        tasks.add(() -> Sha256.of(RgbImage.read(image.file(), image.name()).rgb()));
      }
    }
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Future<String>> hashes = threads.invokeAll(tasks);
      for (int i = 0; i < hashes.size(); i++) {
        assertThat(hashes.get(i).get()).isEqualTo(images.get(i % images.size()).upright());
      }
    }
  }

  @Test
  void imagesAreEqualIfTheirPixelsAre() {
    RgbImage image = new RgbImage(1, 2, new byte[] {1, 2, 3, 4, 5, 6});

    assertThat(image)
        .isEqualTo(new RgbImage(1, 2, new byte[] {1, 2, 3, 4, 5, 6}))
        .hasSameHashCodeAs(new RgbImage(1, 2, new byte[] {1, 2, 3, 4, 5, 6}))
        .isNotEqualTo(new RgbImage(2, 1, new byte[] {1, 2, 3, 4, 5, 6}))
        .isNotEqualTo(new RgbImage(1, 2, new byte[] {1, 2, 3, 4, 5, 7}))
        .hasToString("RgbImage[1 x 2]");
  }

  @Test
  void sizesThatDoNotFitThePixelsAreRefused() {
    assertThatThrownBy(() -> new RgbImage(2, 2, new byte[11]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("2 x 2", "12 bytes", "has 11");
    assertThatThrownBy(() -> new RgbImage(0, 2, new byte[0])).hasMessageContaining("0 x 2");
  }
}
