package dev.vignette.decoding.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogSoftmaxTest {

  @Test
  void theExponentialIsWithinOneHundredThousandth() {
    for (float x = 0; x > -28; x -= 0.00037f) {
      double exact = Math.exp(x);
      assertThat((double) LogSoftmax.exp(x)).isCloseTo(exact, within(1e-5 * exact));
    }
    assertThat(LogSoftmax.exp(-1000)).isBetween(0f, 1e-12f);
    assertThat(LogSoftmax.exp(Float.NEGATIVE_INFINITY)).isBetween(0f, 1e-12f);
  }

  @Test
  void logProbabilitiesOfALargeVocabularyAreExact() {
    Random random = new Random(7);
    for (float spread : new float[] {0.01f, 1, 5, 30}) {
      float[] logits = new float[32_064];
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) (spread * random.nextGaussian());
        max = Math.max(max, logits[i]);
      }
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - max);
      }
      assertThat((double) new LogSoftmax(logits.length).normalizer(logits))
          .isCloseTo(max + Math.log(sum), within(1e-5));
    }
  }

  @Test
  void forbiddenTokensHaveNoProbability() {
    float[] logits = {0, Float.NEGATIVE_INFINITY, 0};
    new LogSoftmax(3).apply(logits);
    assertThat(logits[0]).isCloseTo((float) -Math.log(2), within(1e-6f));
    assertThat(logits[1]).isEqualTo(Float.NEGATIVE_INFINITY);
  }
}
