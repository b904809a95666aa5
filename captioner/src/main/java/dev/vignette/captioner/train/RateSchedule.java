package dev.vignette.captioner.train;

/**
 * The learning rate over a run: a shape times a linear warm-up. {@code unit} counts optimizer steps
 * or epochs; within an epoch the rate stays where it is when it counts epochs.
 *
 * @param shape of the decay
 * @param unit of length and warm-up
 * @param rate the highest rate
 * @param warmup units until the whole rate; 0 for none
 * @param length units of the decay, 0 for the whole run; past it a cosine rises again, as PyTorch's
 *     does
 * @param minRate the lowest rate of the decay
 */
public record RateSchedule(
    Shape shape, Unit unit, double rate, int warmup, int length, double minRate) {
  /** How the rate falls. */
  public enum Shape {
    CONSTANT,
    COSINE,
    LINEAR
  }

  /** What is counted. */
  public enum Unit {
    STEP,
    EPOCH
  }

  public RateSchedule {
    if (!(rate >= 0) || minRate < 0 || minRate > rate || warmup < 0 || length < 0) {
      throw new IllegalArgumentException(
          "training.learning_rate must be >= min_learning_rate >= 0, not %s and %s"
              .formatted(rate, minRate));
    }
  }

  /**
   * The rate of a step.
   *
   * @param step from 0
   * @param epoch from 0
   * @param totalSteps of the run
   * @param totalEpochs of the run
   */
  public double rateAt(long step, int epoch, long totalSteps, int totalEpochs) {
    double at = unit == Unit.STEP ? step : epoch;
    double end = length > 0 ? length : unit == Unit.STEP ? totalSteps : totalEpochs;
    double factor =
        switch (shape) {
          case CONSTANT -> 1;
          case COSINE -> 0.5 * (1 + Math.cos(Math.PI * at / end));
          case LINEAR -> Math.max(0, 1 - at / end);
        };
    double warm = warmup == 0 ? 1 : Math.min(1, (at + 1) / warmup);
    return warm * (minRate + (rate - minRate) * factor);
  }
}
