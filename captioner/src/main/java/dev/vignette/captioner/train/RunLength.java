package dev.vignette.captioner.train;

/**
 * How many steps a run makes, and at which learning rates.
 *
 * @param batches of an epoch
 */
record RunLength(TrainConfig.Training training, int batches) {
  int stepsPerEpoch() {
    return Math.ceilDiv(batches, training.accumulation());
  }

  /** Of all epochs. */
  long steps() {
    return (long) stepsPerEpoch() * training.epochs();
  }

  /** The learning rate of a step in an epoch, both from 0. */
  double rateAt(long step, int epoch) {
    return training.schedule().rateAt(step, epoch, steps(), training.epochs());
  }
}
