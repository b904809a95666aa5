package dev.vignette.captioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageEncoderTest {
  @TempDir private Path folder;

  @Test
  void pixelsEqualTheReferencesExactly() throws Exception {
    Safetensors golden =
        Safetensors.open(SharedData.besideCheckout("golden/captioner/golden_lora.safetensors"));
    float[] expected = new float[4 * 3 * 112 * 112];
    golden.float32("pixels").asFloatBuffer().get(expected);
    TimmVit vit = TimmVit.describe(SharedData.inRepository("models/mini/vit"));
    for (int i = 0; i < 4; i++) {
      RgbImage image =
          RgbImage.read(
              SharedData.inRepository("models/mini/data/images/val/%012d.jpg".formatted(i + 1)));
      float[] ours = ImageEncoder.preprocessor(vit).pixelsChw(image);
      float[] theirs = Arrays.copyOfRange(expected, i * ours.length, (i + 1) * ours.length);
      assertThat(ours).isEqualTo(theirs);
    }
  }

  @Test
  void anEncoderThatComputesNoNumbersIsNamed() throws Exception {
    TimmVit vit = TimmVit.describe(SharedData.inRepository("models/mini/vit"));
    try (ImageEncoder encoder = new ImageEncoder(vit, Precision.FP32);
        NDManager results = NDManager.newBaseManager()) {
      float[] pixels = encoder.pixels(new RgbImage(2, 2, new byte[12]));
      pixels[0] = Float.NaN;
      assertThatThrownBy(() -> encoder.encode(results, List.of(pixels), AttentionTap.NONE))
          .isInstanceOf(InvalidLogitsException.class)
          .hasMessageContainingAll(vit.weightFile().toString(), "features that are not numbers");
    }
  }

  @Test
  void anEncoderWithWeightsThatAreNotNumbersIsRefused() throws Exception {
    Path vit = SharedData.inRepository("models/mini/vit");
    Files.copy(vit.resolve("config.json"), folder.resolve("config.json"));
    byte[] weights = Files.readAllBytes(vit.resolve("model.safetensors"));
    Arrays.fill(weights, weights.length - Float.BYTES, weights.length, (byte) 0xFF); // no number
    Path file = Files.write(folder.resolve("model.safetensors"), weights);
    TimmVit broken = TimmVit.describe(folder);
    assertThatThrownBy(() -> new ImageEncoder(broken, Precision.FP32))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(file.toString(), "pos_embed", "not finite numbers");
  }
}
