package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.Precision;
import dev.vignette.torch.Torch;
import java.util.List;

/** What the miniature GPT-2 says of two made-up images of five visual rows, by its adapters. */
public final class DecoderLogits {
  private static final int ROWS = 5;

  private DecoderLogits() {}

  /** Logits of all text rows, always of the same images and captions. */
  public static NDArray of(
      NDManager manager, Gpt2Weights weights, AdapterPlan plan, Trainables trainables) {
    Torch.seed(5);
    long width = trainables.array(Trainables.PROJECTION_WEIGHT).getShape().get(1);
    NDArray features = manager.randomNormal(new Shape(2, ROWS, width));
    TrainingBatch batch =
        new BatchAssembler(ROWS, true)
            .assemble(
                manager,
                features,
                List.of(
                    List.of(new long[] {777, 5, 6, 777}, new long[] {777, 9, 777}),
                    List.of(new long[] {777, 3, 4, 777}, new long[] {777, 8, 777})));
    try (CaptionDecoder decoder =
        new CaptionDecoder(
            manager,
            weights,
            plan,
            trainables,
            ROWS,
            CaptionDecoder.Regularization.NONE,
            Precision.FP32)) {
      return decoder.logits(manager, batch);
    }
  }
}
