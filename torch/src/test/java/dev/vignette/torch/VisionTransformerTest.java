package dev.vignette.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.vignette.torch.fixture.SharedData;
import dev.vignette.torch.fixture.Tolerance;
import dev.vignette.weights.Safetensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VisionTransformerTest {
  @Test
  void featuresEqualThoseOfTimm() throws Exception {
    Safetensors golden =
        Safetensors.open(SharedData.besideCheckout("golden/captioner/golden_lora.safetensors"));
    try (NDManager manager = Torch.newManager();
        VisionTransformer vit =
            TimmVit.describe(SharedData.inRepository("models/mini/vit")).load(Precision.FP32)) {
      NDArray features =
          vit.features(manager, Weights.load(manager, golden, "pixels"), AttentionTap.NONE);
      NDArray expected = Weights.load(manager, golden, "vit_features");
      assertThat(Tolerance.relative(features, expected)).isLessThan(1e-4);
    }
  }

  @Test
  void featuresInBfloat16AreFloat32AndCloseToTimms() throws Exception {
    Safetensors golden =
        Safetensors.open(SharedData.besideCheckout("golden/captioner/golden_lora.safetensors"));
    try (NDManager manager = Torch.newManager();
        VisionTransformer vit =
            TimmVit.describe(SharedData.inRepository("models/mini/vit")).load(Precision.BF16)) {
      NDArray features =
          vit.features(manager, Weights.load(manager, golden, "pixels"), AttentionTap.NONE);
      assertThat(features.getDataType()).isEqualTo(DataType.FLOAT32);
      // Eight bits of mantissa: 2^-8 a rounding, a few of them one after another.
      assertThat(Tolerance.relative(features, Weights.load(manager, golden, "vit_features")))
          .isBetween(1e-5, 2e-2);
    }
  }

  @Test
  void tappedLayersChangeNothingAndTheirRowsSumToOne() throws Exception {
    List<Integer> layers = new ArrayList<>();
    try (NDManager manager = Torch.newManager();
        VisionTransformer vit =
            TimmVit.describe(SharedData.inRepository("models/mini/vit")).load(Precision.FP32)) {
      NDArray pixels = manager.randomNormal(new ai.djl.ndarray.types.Shape(2, 3, 112, 112));
      NDArray plain = vit.features(manager, pixels, AttentionTap.NONE);
      AttentionTap tap =
          new AttentionTap() {
            @Override
            public boolean wants(int layer) {
              return layer % 2 == 1;
            }

            @Override
            public void accept(int layer, NDArray weights) {
              layers.add(layer);
              assertThat(weights.getShape().getShape()).containsExactly(2, 4, 65, 65);
              assertThat(weights.sum(new int[] {-1}).sub(1).abs().max().getFloat())
                  .isLessThan(1e-5f);
            }
          };
      NDArray tapped = vit.features(manager, pixels, tap);
      assertThat(layers).containsExactly(1, 3);
      assertThat(Tolerance.relative(tapped, plain)).isLessThan(1e-5);
    }
  }
}
