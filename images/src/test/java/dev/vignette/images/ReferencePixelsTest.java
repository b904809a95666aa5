package dev.vignette.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vignette.files.FileStem;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.RgbImage.ImageReadOptions.AlphaMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Parity with the reference data beside the checkout. */
class ReferencePixelsTest {
  private static final Path SHARED = Path.of(System.getProperty("vignette.shared"));
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void allTwentySevenImagesHaveTheReferencesHashes() throws IOException {
    Path folder = needed("eval/pixels");
    JsonNode goldens =
        JSON.readTree(Files.readAllBytes(folder.resolve("pil_preprocess_sha256.json")));
    PixelPreprocessor openAi = PixelPreprocessor.clip(Framing.CROP_OPENAI, 224);
    List<String> compared = new ArrayList<>();
    for (Path file : images(folder)) {
      JsonNode golden = goldens.get(FileStem.of(file));
      for (AlphaMode alpha : AlphaMode.values()) {
        RgbImage image = RgbImage.read(file, ImageReadOptions.PILLOW.withAlpha(alpha));
        assertThat(Sha256.of(image.rgb()))
            .as("%s %s", file, alpha)
            .isEqualTo(golden.get("decoded_rgb_sha256").asString());
        assertThat(Sha256.of(openAi.frame(image).rgb()))
            .as("crop of %s", file)
            .isEqualTo(golden.get("rgb224_sha256").asString());
        assertThat(Sha256.of(littleEndian(openAi.pixelsChw(image))))
            .as("numbers of %s", file)
            .isEqualTo(golden.get("chw_f32le_sha256").asString());
      }
      compared.add(FileStem.of(file));
    }
    assertThat(compared).hasSize(27);
  }

  @Test
  void theRotatedAstronautStandsUpright() {
    Path folder = needed("eval/pixels");
    RgbImage lying = RgbImage.read(folder.resolve("astro_exif6.jpg"), ImageReadOptions.PILLOW);

    RgbImage upright = RgbImage.read(folder.resolve("astro_exif6.jpg"));

    assertThat(upright).isEqualTo(rotatedClockwise(lying)).isNotEqualTo(lying);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void llavaSeesTheReferencesNumbers(int image) throws IOException {
    String stem = "%012d".formatted(image);
    Path file = needed("miniworld/data/images/val").resolve(stem + ".jpg");
    Path goldens = needed("golden/llava/golden_llava.safetensors");
    RgbImage picture = RgbImage.read(file);

    assertThat(PixelPreprocessor.clip(Framing.CROP, 112).pixelsChw(picture))
        .isEqualTo(tensor(goldens, stem + ".pixels"));
    float[] padded = PixelPreprocessor.clip(Framing.PAD, 112).pixelsChw(picture);
    assertThat(padded)
        .containsExactly(
            tensor(goldens, stem + ".pad.pixels"), org.assertj.core.data.Offset.offset(1e-6f));
  }

  @ParameterizedTest
  @EnumSource(names = {"CROP", "CROP_OPENAI"})
  void imagesWithAnEvenExcessAreCroppedAlike(Framing framing) {
    Path folder = needed("eval/pixels");
    RgbImage image = RgbImage.read(folder.resolve("llama1.jpg"));

    // 640 x 488 becomes 293 x 224 (odd, 69) at 224 and 440 x 336 (even, 104) at 336
    assertThat(PixelPreprocessor.clip(framing, 336).geometry(640, 488).seen())
        .isEqualTo(PixelPreprocessor.clip(Framing.CROP, 336).geometry(640, 488).seen());
    assertThat(PixelPreprocessor.clip(framing, 336).frame(image))
        .isEqualTo(PixelPreprocessor.clip(Framing.CROP, 336).frame(image));
  }

  private static Path needed(String path) {
    Path needed = SHARED.resolve(path);
    assumeTrue(
        Files.exists(needed),
        () -> "needs " + path + " in vignette.shared (" + SHARED + "), which is not there");
    return needed;
  }

  private static List<Path> images(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> !file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static byte[] littleEndian(float[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }

  private static float[] tensor(Path safetensors, String name) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(safetensors)).order(ByteOrder.LITTLE_ENDIAN);
    int headerBytes = Math.toIntExact(file.getLong(0));
    JsonNode header =
        JSON.readTree(new String(file.array(), 8, headerBytes, StandardCharsets.UTF_8));
    JsonNode offsets = header.get(name).get("data_offsets");
    int from = 8 + headerBytes + offsets.get(0).asInt();
    FloatBuffer values =
        file.slice(from, offsets.get(1).asInt() - offsets.get(0).asInt())
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    float[] numbers = new float[values.remaining()];
    values.get(numbers);
    return numbers;
  }

  private static RgbImage rotatedClockwise(RgbImage image) {
    byte[] rgb = new byte[image.rgb().length];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int to = x * image.height() + image.height() - 1 - y;
        System.arraycopy(image.rgb(), 3 * (y * image.width() + x), rgb, 3 * to, 3);
      }
    }
    return new RgbImage(image.height(), image.width(), rgb);
  }
}
