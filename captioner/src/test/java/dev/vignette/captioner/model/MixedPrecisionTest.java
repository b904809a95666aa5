package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.Ticket;
import dev.vignette.decoding.search.Ticket.TokenListener;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.torch.Precision;
import dev.vignette.torch.Torch;
import dev.vignette.torch.fixture.Tolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MixedPrecisionTest {
  private static TrainingBatch batch(GoldenLora golden, NDManager arrays) {
    return new BatchAssembler(65, false).assemble(arrays, golden.features, golden.captions());
  }

  private static double backward(GoldenLora golden) {
    return Torch.recording(() -> {
      try (NDManager arrays = golden.manager.newSubManager()) {
        TrainingBatch batch = batch(golden, arrays);
        NDArray loss = golden.decoder.loss(arrays, batch, 1.0 / batch.targetCount());
        assertThat(loss.getDataType()).isEqualTo(DataType.FLOAT32);
        Torch.backward(loss);
        return (double) loss.getFloat();
      }
    });
  }

  @Test
  void theLossIsCloseToFloat32sAndStepsReduceItAsTheReferences() throws Exception {
    try (GoldenLora golden = new GoldenLora(Precision.BF16)) {
      golden.trainables.require(true, true);
      var expected = golden.file.bytes("losses").asDoubleBuffer();
      try (FusedAdamW optimizer =
          new FusedAdamW(
              golden.manager,
              FusedAdamW.Settings.withWeightDecay(0.005),
              golden.trainables.arrays())) {
        double first = backward(golden);
        assertThat(first).isCloseTo(expected.get(0), within(0.01 * expected.get(0)));
        assertThat(first).isNotCloseTo(expected.get(0), within(1e-6));
        for (int step = 1; step < 10; step++) {
          optimizer.step(8e-4);
          assertThat(backward(golden)).isCloseTo(expected.get(step), within(0.02 * first));
        }
        assertThat(backward(golden)).isLessThan(0.9 * first);
      }
    }
  }

  @Test
  void weightsAndGradientsStayFloat32AndPointWhereFloat32sDo() throws Exception {
    try (GoldenLora exact = new GoldenLora();
        GoldenLora mixed = new GoldenLora(Precision.BF16)) {
      for (GoldenLora golden : List.of(exact, mixed)) {
        golden.trainables.require(true, true);
        backward(golden);
      }
      mixed
          .trainables
          .arrays()
          .forEach((name, array) -> {
            assertThat(array.getDataType()).as(name).isEqualTo(DataType.FLOAT32);
            try (NDArray gradient = array.getGradient();
                NDArray expected = exact.trainables.array(name).getGradient()) {
              assertThat(gradient.getDataType()).as(name).isEqualTo(DataType.FLOAT32);
              assertThat(Tolerance.relative(gradient, expected)).as(name).isLessThan(0.05);
            }
          });
    }
  }

  @Test
  void cachedStepsEqualTheWholePassAndGiveFloat32Attention() throws Exception {
    try (GoldenLora golden = new GoldenLora(Precision.BF16);
        NDManager arrays = golden.manager.newSubManager();
        KeyValueCache cache = golden.decoder.prefix(arrays, golden.features)) {
      NDArray whole = golden.decoder.logits(arrays, batch(golden, arrays));
      List<DataType> attention = new ArrayList<>();
      AttentionTap tap =
          new AttentionTap() {
            @Override
            public boolean wants(int layer) {
              return layer == 0;
            }

            @Override
            public void accept(int layer, NDArray weights) {
              attention.add(weights.getDataType());
            }
          };
      long[] begin = new long[4];
      Arrays.fill(begin, golden.decoder.config().endToken());
      NDArray step = golden.decoder.step(arrays, cache, begin, tap);
      assertThat(step.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(Tolerance.relative(step, whole.get(":, 0"))).isLessThan(0.03);
      assertThat(attention).containsExactly(DataType.FLOAT32);
    }
  }

  @Test
  void greedyCaptionsAreMade() throws Exception {
    try (GoldenLora golden = new GoldenLora(Precision.BF16)) {
      List<Hypothesis> captions =
          DecoderBatch.greedy(golden.manager, golden.decoder, golden.features, 5);
      assertThat(captions).hasSize(4).allMatch(c -> c.tokens().length > 0);
    }
  }

  @Test
  void imagesThatJoinWhileOthersDecodeAreReadAsTheyAreAlone() throws Exception {
    int[] text = {5, 9, 33, 12, 7, 40};
    try (GoldenLora golden = new GoldenLora(Precision.BF16);
        DecoderBatch<NDArray> batch =
            DecoderBatch.ofFeatures(golden.manager, golden.decoder, 2, 1, AttentionTap.NONE)) {
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        tickets.add(
            batch.submit(
                image(golden, i),
                CaptionSearch.following(
                    Arrays.copyOf(text, 3 + i), golden.decoder.config().vocabulary()),
                TokenListener.NONE));
      }
      batch.finish();
      for (int i = 0; i < 4; i++) {
        try (DecoderBatch<NDArray> alone =
            DecoderBatch.ofFeatures(golden.manager, golden.decoder, 1, 1, AttentionTap.NONE)) {
          float[] expected =
              alone
                  .await(
                      alone.submit(
                          image(golden, i),
                          CaptionSearch.following(
                              Arrays.copyOf(text, 3 + i), golden.decoder.config().vocabulary()),
                          TokenListener.NONE))
                  .logProbabilities();
          // Eight bits of a mantissa, through four layers.
          assertThat(tickets.get(i).hypothesis().logProbabilities())
              .usingComparatorWithPrecision(0.2f)
              .containsExactly(expected);
        }
      }
    }
  }

  private static NDArray image(GoldenLora golden, int image) {
    return golden.features.get("{}:{}", image, image + 1);
  }
}
