package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.vignette.captions.decoding.CaptionSearch;
import dev.vignette.captions.decoding.EndCondition;
import dev.vignette.captions.decoding.GenerationConfig;
import dev.vignette.captions.decoding.Hypothesis;
import dev.vignette.torch.AttentionTap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GreedyBatchTest {
  private static Hypothesis search(
      GoldenLora golden, int image, GenerationConfig config, AttentionTap tap) {
    NDArray features = golden.features.get("{}:{}", image, image + 1);
    EndCondition end =
        new EndCondition(new int[] {golden.decoder.config().endToken()}, List.of(), ids -> "");
    try (DecoderHypotheses model =
        new DecoderHypotheses(golden.manager, golden.decoder, features, tap)) {
      return CaptionSearch.run(model, config, new int[0], end, token -> {});
    }
  }

  @Test
  void aBatchGivesWhatEachImageGivesAlone() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      List<Hypothesis> together =
          new GreedyBatch(golden.decoder, 20).run(golden.manager, golden.features);
      GenerationConfig config = GenerationConfig.builder().maxNewTokens(20).build();
      for (int image = 0; image < 4; image++) {
        Hypothesis alone = search(golden, image, config, AttentionTap.NONE);
        assertThat(together.get(image).tokens()).isEqualTo(alone.tokens());
        assertThat(together.get(image).score()).isCloseTo(alone.score(), within(1e-3));
      }
    }
  }

  @Test
  void beamsFindACaptionAtLeastAsLikelyAsGreedySearch() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      GenerationConfig beams =
          GenerationConfig.builder().maxNewTokens(20).numBeams(4).lengthPenalty(0).build();
      Hypothesis greedy =
          search(golden, 0, GenerationConfig.builder().maxNewTokens(20).build(), AttentionTap.NONE);
      assertThat(search(golden, 0, beams, AttentionTap.NONE).score())
          .isGreaterThanOrEqualTo(greedy.score() - 1e-3);
    }
  }

  @Test
  void aTapHearsEveryGeneratedRowOfItsLayerOnly() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      List<Long> keys = new ArrayList<>();
      AttentionTap tap =
          new AttentionTap() {
            @Override
            public boolean wants(int layer) {
              return layer == 2;
            }

            @Override
            public void accept(int layer, NDArray weights) {
              assertThat(layer).isEqualTo(2);
              assertThat(weights.getShape().get(1)).isEqualTo(5);
              keys.add(weights.getShape().get(2));
              float sum = weights.sum().getFloat();
              assertThat(sum).isCloseTo(5, within(1e-4f));
            }
          };
      GenerationConfig config = GenerationConfig.builder().maxNewTokens(3).minNewTokens(3).build();
      search(golden, 1, config, tap);
      assertThat(keys).containsExactly(66L, 67L, 68L);
    }
  }

  @Test
  void hypothesesMayShrinkToTheSecondOfTwo() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      int vocabulary = golden.decoder.config().vocabulary();
      float[][] shrunk = new float[2][vocabulary];
      float[][] single = new float[1][vocabulary];
      NDArray features = golden.features.get("0:1");
      try (DecoderHypotheses two =
              new DecoderHypotheses(golden.manager, golden.decoder, features, AttentionTap.NONE);
          DecoderHypotheses one =
              new DecoderHypotheses(golden.manager, golden.decoder, features, AttentionTap.NONE)) {
        two.start(shrunk[0]);
        two.advance(new int[] {0, 0}, new int[] {5, 9}, shrunk);
        two.advance(new int[] {1}, new int[] {33}, shrunk);
        one.start(single[0]);
        one.advance(new int[] {0}, new int[] {9}, single);
        one.advance(new int[] {0}, new int[] {33}, single);
      }
      for (int i = 0; i < vocabulary; i++) {
        assertThat(shrunk[0][i]).isCloseTo(single[0][i], within(1e-4f));
      }
    }
  }
}
