package dev.vignette.captioner.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.captioner.train.TrainConfig.RateSchedule;
import dev.vignette.captioner.train.TrainConfig.RateSchedule.Shape;
import dev.vignette.captioner.train.TrainConfig.RateSchedule.Unit;
import org.junit.jupiter.api.Test;

class RateScheduleTest {
  @Test
  void theSeedsCosineOfThreeEpochsReachesZeroAtTheFourthAndRisesAgain() {
    RateSchedule schedule = new RateSchedule(Shape.COSINE, Unit.EPOCH, 8e-4, 0, 3, 0);
    double[] rates = new double[6];
    for (int epoch = 0; epoch < rates.length; epoch++) {
      rates[epoch] = schedule.rateAt(100L * epoch, epoch, 600, 6);
    }
    double[] expected = {8e-4, 6e-4, 2e-4, 0, 2e-4, 6e-4};
    assertThat(rates).containsExactly(expected, within(1e-12));
  }

  @Test
  void warmUpMultipliesTheCosineOfTheWholeRun() {
    RateSchedule schedule = new RateSchedule(Shape.COSINE, Unit.STEP, 2e-3, 50, 0, 0);
    assertThat(schedule.rateAt(0, 0, 310, 10)).isCloseTo(2e-3 / 50, within(1e-15));
    assertThat(schedule.rateAt(155, 5, 310, 10)).isCloseTo(1e-3, within(1e-12));
  }

  @Test
  void aLinearRateFallsToItsLowest() {
    RateSchedule schedule = new RateSchedule(Shape.LINEAR, Unit.STEP, 1, 0, 10, 0.1);
    assertThat(schedule.rateAt(5, 0, 100, 1)).isCloseTo(0.55, within(1e-12));
    assertThat(schedule.rateAt(50, 0, 100, 1)).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void aLowestRateAboveTheHighestIsRefused() {
    assertThatThrownBy(() -> new RateSchedule(Shape.CONSTANT, Unit.STEP, 1e-4, 0, 0, 1e-3))
        .hasMessageContaining("min_learning_rate");
  }
}
