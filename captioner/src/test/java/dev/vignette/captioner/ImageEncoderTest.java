package dev.vignette.captioner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.images.RgbImage;
import dev.vignette.torch.TimmVit;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.weights.Safetensors;
import org.junit.jupiter.api.Test;

class ImageEncoderTest {
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
      float[] theirs =
          java.util.Arrays.copyOfRange(expected, i * ours.length, (i + 1) * ours.length);
      assertThat(ours).isEqualTo(theirs);
    }
  }
}
