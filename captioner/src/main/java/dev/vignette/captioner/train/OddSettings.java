package dev.vignette.captioner.train;

import dev.vignette.captioner.train.TrainConfig.RateSchedule;
import java.nio.file.Path;
import java.util.List;

/** Says once what is allowed in a run and probably not meant. */
final class OddSettings {
  private static final double ZERO_RATE = 1e-12;

  /** With more, a good decoder's loss is above that of guessing too. */
  private static final double LITTLE_SMOOTHING = 0.25;

  private final TrainConfig config;
  private final RunFolder folder;
  private final TrainingParts parts;
  private final RunLength length;
  private final TrainListener listener;

  OddSettings(
      TrainConfig config,
      RunFolder folder,
      TrainingParts parts,
      RunLength length,
      TrainListener listener) {
    this.config = config;
    this.folder = folder;
    this.parts = parts;
    this.length = length;
    this.listener = listener;
  }

  /** Of settings and captions, before a run goes on from a state. */
  void say(TrainState state) {
    parts.remarks.forEach(listener::warn);
    RateSchedule schedule = config.training().schedule();
    boolean bySteps = schedule.unit() == RateSchedule.Unit.STEP;
    long units = bySteps ? length.steps() : config.training().epochs();
    if (schedule.warmup() > units) {
      listener.warn(
          "training.warmup is %d and the run has %d %s: the learning rate never reaches training.learning_rate"
              .formatted(schedule.warmup(), units, bySteps ? "steps" : "epochs"));
    }
    if (parts.val.size() == 1 && config.validation().metric().equals("cider")) {
      listener.warn(
          "CIDEr weighs words by how few images have them, and of one validation image it is always"
              + " 0: the first epoch will count as the best. Give more images, or another"
              + " validation.metric");
    }
    sayOfPlace();
    sayOfIdleSettings();
    sayOfZeroRates(state.step());
  }

  /** A run's picture would be captioned with those that it lies among. */
  private void sayOfPlace() {
    Path run = folder.root().toAbsolutePath().normalize();
    for (TrainConfig.Split split : List.of(config.data().train(), config.data().val())) {
      Path images = split.images().toAbsolutePath().normalize();
      if (run.startsWith(images)) {
        listener.warn(
            "The run lies in %s, among the images: whoever captions that folder captions its %s too. See run.folder"
                .formatted(images, folder.curves().getFileName()));
        return;
      }
    }
  }

  /** Settings beyond what the run has. */
  private void sayOfIdleSettings() {
    TrainConfig.Training training = config.training();
    int batches = parts.trainBatches.count();
    if (training.accumulation() > batches) {
      listener.warn(
          "training.accumulation is %d, and an epoch has %d batches: a step is made of those"
              .formatted(training.accumulation(), batches));
    }
    int positions = parts.decoder.config().positions();
    if (config.validation().maxNewTokens() > positions) {
      listener.warn(
          "validation.max_new_tokens is %d, and the decoder has %d positions: a caption ends there"
              .formatted(config.validation().maxNewTokens(), positions));
    }
  }

  private void sayOfZeroRates(long from) {
    long first = -1;
    long count = 0;
    for (long step = from; step < length.steps(); step++) {
      if (length.rateAt(step, (int) (step / length.stepsPerEpoch())) < ZERO_RATE) {
        first = count == 0 ? step : first;
        count++;
      }
    }
    if (count > 0) {
      listener.warn(
          "The learning rate is 0 in %d of %d steps, first at step %d in epoch %d (both counted from 0): nothing is learnt there. See training.schedule_length"
              .formatted(count, length.steps(), first, first / length.stepsPerEpoch()));
    }
  }

  /** Of the loss before anything is learnt. */
  void sayOfFirst(double loss) {
    int vocabulary = parts.decoder.config().vocabulary();
    boolean telling = config.training().labelSmoothing() < LITTLE_SMOOTHING;
    if (telling && loss > Math.log(vocabulary)) {
      listener.warn(
          "The first loss is %.1f, worse than guessing among %d tokens (%.1f): is decoder.tokenizer that of another model?"
              .formatted(loss, vocabulary, Math.log(vocabulary)));
    }
  }

  /** Of a finished run. One image is told of before training. */
  void sayOfResult(TrainState state) {
    if (state.best() == 0 && parts.val.size() > 1) {
      String metric = config.validation().metric();
      listener.warn(
          "%s was 0 in every epoch, so that epoch 1 counts as the best without being better: do the references of data.val hold words, and is validation.max_new_tokens (%d) enough for a caption? Another validation.metric may tell more"
              .formatted(MetricNames.shown(metric), config.validation().maxNewTokens()));
    }
  }
}
