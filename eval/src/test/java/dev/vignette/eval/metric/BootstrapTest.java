package dev.vignette.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.eval.metric.Bootstrap.Interval;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final int TRIALS = 1_000;

  /** Scores such as CIDEr gives: not negative, skewed, of known mean. */
  private static MetricResult skewed(Random random, int images, double mean) {
    return new MeanResult(
        "CIDEr", random.doubles(images).map(u -> -mean * Math.log(1 - u) / 2 + mean / 2).toArray());
  }

  @Test
  void intervalsCoverTheTrueMeanIn95PercentOfTrials() {
    double mean = 1.2;
    long covered =
        IntStream.range(0, TRIALS)
            .filter(trial -> {
              MetricResult scores = skewed(new Random(trial), 400, mean);
              Interval interval = new Bootstrap(trial, 400).intervals(List.of(scores)).getFirst();
              return interval.low() <= mean && mean <= interval.high();
            })
            .count();
    assertThat(100.0 * covered / TRIALS).isCloseTo(95, within(2.0));
  }

  @Test
  void equalSystemsDifferSignificantlyInFivePercentOfTrials() {
    long significant =
        IntStream.range(0, TRIALS)
            .filter(trial -> {
              Random random = new Random(trial);
              MetricResult a = skewed(random, 300, 1);
              MetricResult b = skewed(random, 300, 1);
              return new Bootstrap(trial, 400).compare(List.of(a), List.of(b)).getFirst().pValue()
                  < 0.05;
            })
            .count();
    assertThat(100.0 * significant / TRIALS).isCloseTo(5, within(2.0));
  }

  @Test
  void theSameSeedGivesTheSameIntervalOnAnyNumberOfThreads() throws Exception {
    List<MetricResult> scores = List.of(skewed(new Random(3), 500, 1));
    Bootstrap bootstrap = new Bootstrap(42, 300);
    List<Interval> here = bootstrap.intervals(scores);
    try (ForkJoinPool one = new ForkJoinPool(1)) {
      assertThat(one.submit(() -> bootstrap.intervals(scores)).get()).isEqualTo(here);
    }
    assertThat(new Bootstrap(43, 300).intervals(scores)).isNotEqualTo(here);
  }

  @Test
  void aClearDifferenceIsSignificantAndItsImagesAreCounted() {
    MetricResult a = new MeanResult("CIDEr", new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    MetricResult b = new MeanResult("CIDEr", new double[] {2, 2, 2, 2, 2, 2, 2, 1, 0.5, 2});
    PairedDifference difference =
        new Bootstrap(1, 1_000).compare(List.of(a), List.of(b)).getFirst();
    assertThat(difference.difference()).isCloseTo(0.75, within(1e-12));
    assertThat(difference.pValue()).isLessThan(0.02);
    assertThat(difference.interval().low()).isPositive();
    assertThat(difference.won()).isEqualTo(8);
    assertThat(difference.lost()).isEqualTo(1);
    assertThat(difference.tied()).isEqualTo(1);
  }

  @Test
  void aSystemDoesNotDifferFromItself() {
    MetricResult a = skewed(new Random(5), 50, 1);
    PairedDifference difference = new Bootstrap(1, 200).compare(List.of(a), List.of(a)).getFirst();
    assertThat(difference.difference()).isZero();
    assertThat(difference.pValue()).isEqualTo(1);
    assertThat(difference.tied()).isEqualTo(50);
  }

  @Test
  void theRoundingOfFloatsIsNoDifference() {
    Random random = new Random(7);
    MetricResult a = skewed(random, 50, 1);
    double[] scores = new double[50];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = a.image(i) + (i % 5 == 0 ? 3e-8 : 1e-8);
    }
    PairedDifference difference =
        new Bootstrap(1, 200)
            .compare(List.of(a), List.of(new MeanResult(a.name(), scores)))
            .getFirst();
    assertThat(difference).isEqualTo(new PairedDifference(0, new Interval(0, 0), 1, 0, 0, 50));
    scores[3] += 0.5;
    PairedDifference one =
        new Bootstrap(1, 200)
            .compare(List.of(a), List.of(new MeanResult(a.name(), scores)))
            .getFirst();
    assertThat(one.won()).isEqualTo(1);
    assertThat(one.tied()).isEqualTo(49);
    assertThat(one.difference()).isCloseTo(0.01, within(1e-6));
  }

  @Test
  void resamplesBeyondMemoryAreRefusedWithTheBound() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bootstrap(1, 2_000_000_000))
        .withMessageContaining("100 to 1,000,000 resamples, not 2,000,000,000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bootstrap(1, 99))
        .withMessageContaining("not 99");
  }

  @Test
  void systemsOnDifferentImagesAreNotCompared() {
    MetricResult a = skewed(new Random(5), 50, 1);
    MetricResult b = skewed(new Random(5), 51, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bootstrap(1, 200).compare(List.of(a), List.of(b)))
        .withMessageContaining("50")
        .withMessageContaining("51");
  }
}
