package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.torch.AttentionTap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderBatchTest {

  private static CaptionSearch search(GoldenLora golden, GenerationConfig config) {
    Gpt2Config sizes = golden.decoder.config();
    EndCondition end = new EndCondition(new int[] {sizes.endToken()}, List.of(), ids -> "");
    return CaptionSearch.of(config, new int[0], sizes.vocabulary(), end);
  }

  private static NDArray image(GoldenLora golden, int image) {
    return golden.features.get("{}:{}", image, image + 1);
  }

  private static Hypothesis alone(
      GoldenLora golden, int image, GenerationConfig config, AttentionTap tap) {
    try (DecoderBatch<NDArray> batch =
        DecoderBatch.ofFeatures(golden.manager, golden.decoder, 1, config.numBeams(), tap)) {
      return batch.await(
          batch.submit(image(golden, image), search(golden, config), TokenListener.NONE));
    }
  }

  private static GenerationConfig.Builder upTo(int tokens) {
    return GenerationConfig.builder().maxNewTokens(tokens);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aBatchGivesWhatEachImageGivesAlone(int beams) throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      GenerationConfig config = upTo(20).numBeams(beams).build();
      EndCondition end =
          new EndCondition(new int[] {golden.decoder.config().endToken()}, List.of(), ids -> "");
      List<Ticket> together =
          DecoderBatch.captions(golden.manager, golden.decoder, golden.features, config, end);
      for (int image = 0; image < 4; image++) {
        requireEqual(
            together.get(image).hypothesis(), alone(golden, image, config, AttentionTap.NONE));
      }
    }
  }

  private static void requireEqual(Hypothesis found, Hypothesis expected) {
    assertThat(found.tokens()).isEqualTo(expected.tokens());
    assertThat(found.score()).isCloseTo(expected.score(), within(1e-3));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void imagesThatJoinWhileOthersDecodeGetWhatTheyGetAlone(int beams) throws Exception {
    try (GoldenLora golden = new GoldenLora();
        DecoderBatch<NDArray> batch =
            DecoderBatch.ofFeatures(golden.manager, golden.decoder, 2, beams, AttentionTap.NONE)) {
      List<GenerationConfig> configs = new ArrayList<>();
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int tokens = 2 + 5 * i % 9;
        configs.add(upTo(tokens).minNewTokens(tokens).numBeams(i % 3 == 0 ? 1 : beams).build());
        tickets.add(
            batch.submit(image(golden, i % 4), search(golden, configs.get(i)), TokenListener.NONE));
      }
      batch.finish();
      for (int i = 0; i < 8; i++) {
        requireEqual(
            tickets.get(i).hypothesis(), alone(golden, i % 4, configs.get(i), AttentionTap.NONE));
      }
    }
  }

  @Test
  void aCancelledImageLeavesAndTheOthersGoOn() throws Exception {
    try (GoldenLora golden = new GoldenLora();
        DecoderBatch<NDArray> batch =
            DecoderBatch.ofFeatures(golden.manager, golden.decoder, 2, 1, AttentionTap.NONE)) {
      GenerationConfig config = upTo(8).minNewTokens(8).build();
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        tickets.add(batch.submit(image(golden, i), search(golden, config), TokenListener.NONE));
      }
      batch.step();
      batch.step();
      batch.cancel(tickets.getFirst());
      batch.finish();
      assertThat(tickets.getFirst().isCancelled()).isTrue();
      assertThatThrownBy(tickets.getFirst()::hypothesis).hasMessageContaining("cancelled");
      for (int i = 1; i < 3; i++) {
        requireEqual(tickets.get(i).hypothesis(), alone(golden, i, config, AttentionTap.NONE));
      }
    }
  }

  @Test
  void beamsFindACaptionAtLeastAsLikelyAsGreedySearch() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      Hypothesis greedy = alone(golden, 0, upTo(20).build(), AttentionTap.NONE);
      GenerationConfig beams = upTo(20).numBeams(4).lengthPenalty(0).build();
      assertThat(alone(golden, 0, beams, AttentionTap.NONE).score())
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
      alone(golden, 1, upTo(3).minNewTokens(3).build(), tap);
      assertThat(keys).containsExactly(66L, 67L, 68L);
    }
  }

  @Test
  void moreBeamsOrTokensThanThereIsRoomForAreRefused() throws Exception {
    try (GoldenLora golden = new GoldenLora();
        DecoderBatch<NDArray> batch =
            DecoderBatch.ofFeatures(golden.manager, golden.decoder, 2, 2, AttentionTap.NONE)) {
      GenerationConfig wide = upTo(5).numBeams(3).build();
      GenerationConfig longer = upTo(golden.decoder.config().positions() + 1).build();
      assertThat(batch.capacity(wide)).isZero();
      assertThat(batch.capacity(longer)).isZero();
      assertThat(batch.capacity(upTo(5).numBeams(2).build())).isEqualTo(2);
      assertThatThrownBy(
              () -> batch.submit(image(golden, 0), search(golden, wide), TokenListener.NONE))
          .hasMessageContaining("at most 2 beams, not 3");
      assertThatThrownBy(
              () -> batch.submit(image(golden, 0), search(golden, longer), TokenListener.NONE))
          .hasMessageContaining("max_new_tokens");
    }
  }

  @Test
  void hypothesesMayShrinkToTheSecondOfTwo() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      NDArray features = image(golden, 0);
      try (KeyValueCache two = golden.decoder.prefix(golden.manager, features);
          KeyValueCache one = golden.decoder.prefix(golden.manager, features)) {
        long begin = golden.decoder.config().endToken();
        step(golden, two, begin, begin);
        step(golden, two, 5, 9);
        two.select(new long[] {1});
        float[] shrunk = step(golden, two, 33);
        step(golden, one, begin);
        step(golden, one, 9);
        float[] single = step(golden, one, 33);
        for (int i = 0; i < single.length; i++) {
          assertThat(shrunk[i]).isCloseTo(single[i], within(1e-4f));
        }
      }
    }
  }

  private static float[] step(GoldenLora golden, KeyValueCache cache, long... ids) {
    return golden.decoder.step(golden.manager, cache, ids, AttentionTap.NONE).toFloatArray();
  }

  @Test
  void imagesWaitForEachOtherUntilAQuarterOfThePlacesIsFree() throws Exception {
    List<Integer> groups = new ArrayList<>();
    try (GoldenLora golden = new GoldenLora();
        DecoderBatch<Integer> batch =
            new DecoderBatch<>(
                golden.manager,
                golden.decoder,
                (owner, images) -> {
                  groups.add(images.size());
                  NDArray rows =
                      NDArrays.concat(
                          new NDList(images.stream().map(i -> image(golden, i % 4)).toList()), 0);
                  rows.attach(owner);
                  return rows;
                },
                8,
                1,
                AttentionTap.NONE)) {
      int[] tokens = {2, 4, 8, 8, 8, 8, 8, 8, 3, 3, 3};
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < tokens.length; i++) {
        GenerationConfig config = upTo(tokens[i]).minNewTokens(tokens[i]).build();
        tickets.add(batch.submit(i, search(golden, config), TokenListener.NONE));
      }
      batch.finish();
      // One place is free after two steps, two after four, and all but one of them later.
      assertThat(groups).containsExactly(8, 2, 1);
      for (int i = 0; i < tokens.length; i++) {
        GenerationConfig config = upTo(tokens[i]).minNewTokens(tokens[i]).build();
        requireEqual(tickets.get(i).hypothesis(), alone(golden, i % 4, config, AttentionTap.NONE));
      }
    }
  }

  @Test
  void logitsThatAreNoNumbersAreSaidWithTheFileOfTheModel() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      NDArray bias = golden.trainables.array(Trainables.PROJECTION_BIAS);
      golden.trainables.set(
          Trainables.PROJECTION_BIAS, golden.manager.full(bias.getShape(), Float.NaN));
      assertThatThrownBy(() -> alone(golden, 0, upTo(5).build(), AttentionTap.NONE))
          .hasMessageContaining("models/mini/gpt2/model.safetensors");
    }
  }
}
