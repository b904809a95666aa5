package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.attention.AttentionTrace;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.attention.recording.AttentionRecorder;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.Precision;
import dev.vignette.torch.Torch;
import dev.vignette.torch.fixture.SharedData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The decoder's attention against a plain recomputation. */
class DecoderAttentionTest {
  private static final int VISUAL = 17;
  private static final int VISUAL_WIDTH = 128;
  private static final LoraSettings LORA =
      new LoraSettings(
          4, 8, 0, false, List.of("c_attn", "c_proj", "c_fc", "lm_head"), Map.of(), Map.of());

  /** Adapters of which neither A nor B is zero. */
  private static Trainables trainables(NDManager manager, AdapterPlan plan, int width) {
    Trainables trainables = Trainables.fresh(manager, plan, VISUAL_WIDTH, width, 3);
    trainables
        .arrays()
        .forEach((name, array) -> {
          if (name.endsWith(".B")) {
            trainables.set(
                name, manager.randomNormal(0, 0.1f, array.getShape(), array.getDataType()));
          }
        });
    return trainables;
  }

  @Test
  void rowsAreTheSoftmaxOfQueriesAndKeysUnderTheCausalMask() throws Exception {
    Torch.seed(11);
    Gpt2Weights weights = Gpt2Weights.open(SharedData.inRepository("models/mini/gpt2"));
    Gpt2Config config = weights.config();
    AdapterPlan plan = AdapterPlan.of(config, LORA);
    try (NDManager manager = Torch.newManager();
        Trainables trainables = trainables(manager, plan, config.width());
        CaptionDecoder decoder =
            new CaptionDecoder(
                manager,
                weights,
                plan,
                trainables,
                VISUAL,
                CaptionDecoder.Regularization.NONE,
                Precision.FP32)) {
      NDArray features = manager.randomNormal(new Shape(1, VISUAL, VISUAL_WIDTH));
      int[] caption = {5, 33, 90, 12, 7, 400};
      AttentionTrace trace = trace(decoder, manager, features, caption);
      PlainDecoder plain = new PlainDecoder(manager, weights, plan, trainables);
      long[] read = {config.endToken(), 5, 33, 90, 12, 7};
      double[][][][] expected = plain.attention(rows(features), read);
      requireEqual(trace, expected, caption.length);
    }
  }

  private static AttentionTrace trace(
      CaptionDecoder decoder, NDManager manager, NDArray features, int[] caption) {
    AttentionRecorder recorder = new AttentionRecorder(List.of(0, 1, 2, 3), List.of(0, 1, 2, 3, 4));
    AttentionTap tap =
        new AttentionTap() {
          @Override
          public boolean wants(int layer) {
            return true;
          }

          @Override
          public void accept(int layer, NDArray weights) {
            int keys = (int) weights.getShape().get(2);
            recorder.row(layer, weights.toFloatArray(), 0, keys, 5, keys);
          }
        };
    int[] keys = {VISUAL};
    CaptionSearch search = CaptionSearch.following(caption, decoder.config().vocabulary());
    try (DecoderBatch<NDArray> batch = DecoderBatch.ofFeatures(manager, decoder, 1, 1, tap)) {
      batch.await(batch.submit(features, search, _ -> recorder.chosen(++keys[0])));
    }
    return recorder.trace(List.of("a", "b", "c", "d", "e", "f"), new PatchGrid(1, 4));
  }

  private static double[][] rows(NDArray features) {
    float[] values = features.toFloatArray();
    double[][] rows = new double[VISUAL][VISUAL_WIDTH];
    for (int i = 0; i < values.length; i++) {
      rows[i / VISUAL_WIDTH][i % VISUAL_WIDTH] = values[i];
    }
    return rows;
  }

  /** The row of token j is row V + j, that of the token before it. */
  private static void requireEqual(AttentionTrace trace, double[][][][] expected, int tokens) {
    for (int token = 0; token < tokens; token++) {
      for (int layer = 0; layer < expected.length; layer++) {
        for (int head = 0; head < expected[layer].length; head++) {
          float[] row = trace.row(token, layer, head);
          double[] wanted = expected[layer][head][VISUAL + token];
          assertThat(row).hasSize(wanted.length);
          double sum = 0;
          for (int key = 0; key < row.length; key++) {
            sum += row[key];
            assertThat((double) row[key])
                .as("token %d layer %d head %d key %d", token, layer, head, key)
                .isCloseTo(wanted[key], within(1e-5));
          }
          assertThat(sum).isCloseTo(1, within(1e-5));
        }
      }
    }
  }
}
