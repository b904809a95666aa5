package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.vignette.torch.AttentionTap;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.torch.Precision;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.torch.fixture.Tolerance;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CaptionDecoderTest {
  /** The reference pads to 12 tokens and feeds the end token too; ours stops at the last target. */
  private static NDArray goldenRows(NDArray golden, NDArray ours) {
    return golden.get(":, :{}, :", ours.getShape().get(1));
  }

  /** Keeps what a target is predicted from; padding is whatever it is. */
  private static NDArray scored(NDArray logits, TrainingBatch batch) {
    return logits.reshape(-1, logits.getShape().get(2)).get(batch.rows());
  }

  @Test
  void baseLogitsEqualTheReferences() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      TrainingBatch batch =
          new BatchAssembler(65, false)
              .assemble(golden.manager, golden.features, golden.captions());
      NDArray logits = golden.decoder.logits(golden.manager, batch);
      NDArray expected =
          goldenRows(Weights.load(golden.manager, golden.file, "base_logits"), logits);
      assertThat(Tolerance.absolute(scored(logits, batch), scored(expected, batch)))
          .isLessThan(1e-4);
    }
  }

  @Test
  void lossesGradientsAndFinalLogitsOfTenStepsEqualTheReferences() throws Exception {
    try (GoldenLora golden = new GoldenLora()) {
      golden.trainables.require(true, true);
      FusedAdamW optimizer =
          new FusedAdamW(
              golden.manager,
              FusedAdamW.Settings.withWeightDecay(0.005),
              golden.trainables.arrays());
      var losses = golden.file.bytes("losses").asDoubleBuffer();
      BatchAssembler assembler = new BatchAssembler(65, false);
      for (int step = 0; step < 10; step++) {
        try (NDManager arrays = golden.manager.newSubManager()) {
          TrainingBatch batch = assembler.assemble(arrays, golden.features, golden.captions());
          assertThat(backward(golden.decoder, arrays, batch))
              .isCloseTo(losses.get(step), within(1e-5));
          if (step == 1) {
            gradientsEqual(golden, arrays);
          }
          optimizer.step(8e-4);
        }
      }
      TrainingBatch batch = assembler.assemble(golden.manager, golden.features, golden.captions());
      NDArray logits = golden.decoder.logits(golden.manager, batch);
      NDArray expected =
          goldenRows(Weights.load(golden.manager, golden.file, "final_logits"), logits);
      assertThat(Tolerance.absolute(scored(logits, batch), scored(expected, batch)))
          .isLessThan(1e-3);
      optimizer.close();
    }
  }

  private static double backward(CaptionDecoder decoder, NDManager arrays, TrainingBatch batch) {
    return Torch.recording(() -> {
      NDArray loss = decoder.loss(arrays, batch, 1.0 / batch.targetCount());
      Torch.backward(loss);
      return (double) loss.getFloat();
    });
  }

  private static void gradientsEqual(GoldenLora golden, NDManager arrays) {
    golden
        .trainables
        .arrays()
        .forEach((name, array) -> {
          NDArray expected =
              Weights.load(arrays, golden.file, "grad_step1." + GoldenLora.goldenName(name));
          try (NDArray gradient = array.getGradient()) {
            assertThat(Tolerance.relative(gradient, expected)).as(name).isLessThan(1e-4);
          }
        });
  }

  /** What one backward pass leaves, the gradients by the arrays' names. */
  private record Outcome(double loss, Map<String, float[]> gradients) {}

  private static Outcome outcome(boolean packed) throws IOException {
    try (GoldenLora golden = new GoldenLora()) {
      golden.randomizeAdapters(3);
      List<long[]> all = golden.captions().stream().map(List::getFirst).toList();
      List<List<long[]>> captions =
          List.of(all, all.subList(0, 2), all.subList(1, 4), all.subList(3, 4));
      golden.trainables.require(true, true);
      TrainingBatch batch =
          new BatchAssembler(65, packed).assemble(golden.manager, golden.features, captions);
      assertThat(batch.ids().getShape().get(0)).isEqualTo(packed ? 4 : 10);
      double loss = backward(golden.decoder, golden.manager, batch);
      Map<String, float[]> gradients = new LinkedHashMap<>();
      golden
          .trainables
          .arrays()
          .forEach((name, array) -> gradients.put(name, array.getGradient().toFloatArray()));
      return new Outcome(loss, gradients);
    }
  }

  @Test
  void packedAndUnpackedGiveTheSameLossAndGradients() throws Exception {
    Outcome unpacked = outcome(false);
    Outcome packed = outcome(true);
    assertThat(packed.loss()).isCloseTo(unpacked.loss(), within(1e-5));
    unpacked
        .gradients()
        .forEach((name, gradient) -> {
          assertThat(gradient).as(name).isNotEqualTo(new float[gradient.length]);
          float[] ours = Objects.requireNonNull(packed.gradients().get(name));
          assertThat(Tolerance.relative(ours, gradient)).as(name).isLessThan(1e-5);
        });
  }

  @Test
  void labelSmoothingSpreadsItsShareOverTheWholeVocabulary() throws Exception {
    double share = 0.2;
    try (GoldenLora golden =
        new GoldenLora(
            GoldenLora.SETTINGS, new CaptionDecoder.Regularization(0, share), Precision.FP32)) {
      golden.randomizeAdapters(4);
      TrainingBatch batch =
          new BatchAssembler(65, true).assemble(golden.manager, golden.features, golden.captions());
      NDArray logits = scored(golden.decoder.logits(golden.manager, batch), batch);
      long[] targets = batch.targets().toLongArray();
      double expected = 0;
      for (int row = 0; row < targets.length; row++) {
        double[] logProbabilities = logSoftmax(logits.get(row).toFloatArray());
        double mean = Arrays.stream(logProbabilities).average().orElseThrow();
        expected -= (1 - share) * logProbabilities[(int) targets[row]] + share * mean;
      }
      NDArray loss = golden.decoder.loss(golden.manager, batch, 1.0 / targets.length);
      assertThat((double) loss.getFloat()).isCloseTo(expected / targets.length, within(1e-4));
    }
  }

  private static double[] logSoftmax(float[] logits) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    double[] logProbabilities = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      logProbabilities[i] = logits[i] - Math.log(sum);
    }
    return logProbabilities;
  }

  @Test
  void float16FeaturesCountAsTheNumbersTheyStandFor() throws Exception {
    try (GoldenLora golden = new GoldenLora();
        NDManager arrays = golden.manager.newSubManager()) {
      BatchAssembler assembler = new BatchAssembler(65, false);
      NDArray half = golden.features.toType(DataType.FLOAT16, true);
      NDArray whole = half.toType(DataType.FLOAT32, true);
      NDArray[] logits =
          Stream.of(half, whole)
              .map(f -> assembler.assemble(arrays, f, golden.captions()))
              .map(batch -> golden.decoder.logits(arrays, batch))
              .toArray(NDArray[]::new);
      assertThat(logits[0].toFloatArray()).isEqualTo(logits[1].toFloatArray());
    }
  }

  @Test
  void cachedLogitsEqualUncachedWithAdaptersOnEveryModule() throws Exception {
    LoraSettings everywhere =
        new LoraSettings(
            8,
            16,
            0,
            false,
            List.of("c_attn", "c_proj", "c_fc", "wte", "wpe", "lm_head"),
            Map.of(),
            Map.of());
    try (GoldenLora golden =
            new GoldenLora(everywhere, CaptionDecoder.Regularization.NONE, Precision.FP32);
        NDManager arrays = golden.manager.newSubManager()) {
      TrainingBatch batch =
          new BatchAssembler(65, false).assemble(arrays, golden.features, golden.captions());
      NDArray silent = golden.decoder.logits(arrays, batch);
      golden.randomizeAdapters(5);
      NDArray whole = golden.decoder.logits(arrays, batch);
      assertThat(Tolerance.relative(whole, silent)).isGreaterThan(1e-2);
      cachedLogitsEqual(golden, arrays, batch, whole);
    }
  }

  private static void cachedLogitsEqual(
      GoldenLora golden, NDManager arrays, TrainingBatch batch, NDArray whole) {
    long[] ids = batch.ids().toLongArray();
    int length = (int) batch.ids().getShape().get(1);
    try (KeyValueCache cache = golden.decoder.prefix(arrays, golden.features)) {
      for (int t = 0; t < length; t++) {
        long[] column = new long[4];
        for (int row = 0; row < 4; row++) {
          column[row] = ids[row * length + t];
        }
        NDArray step = golden.decoder.step(arrays, cache, column, AttentionTap.NONE);
        for (int row = 0; row < 4; row++) {
          if (t < golden.captions().get(row).getFirst().length - 1) {
            assertThat(Tolerance.relative(step.get(row), whole.get("{}, {}", row, t)))
                .isLessThan(1e-4);
          }
        }
      }
      assertThat(cache.length()).isEqualTo(length);
    }
  }
}
