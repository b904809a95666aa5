package dev.vignette.captioner.train;

import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.TrainingBatch;
import dev.vignette.captions.AtomicFile;
import dev.vignette.captions.attention.AttentionOutputs;
import dev.vignette.captions.batch.UsageException;
import dev.vignette.captions.yaml.ConfigException;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The training loop: epochs of batches, a validation after each, checkpoints on the way. What a
 * step does is a function of seed, position and the arrays before it, so a resumed run makes the
 * same steps as one that was never stopped.
 */
public final class Trainer implements AutoCloseable {
  private static final int LOGGED_EVERY = 10;
  private static final double ZERO_RATE = 1e-12;

  private final TrainConfig config;
  private final RunFolder folder;
  private final TrainingParts parts;
  private final TrainListener listener;
  private final LongSupplier nanoTime;
  private final MetricsLog metrics;
  private final EpochValidation validation;
  private final TrainingSteps steps;
  private TrainState state;
  private long epochStart;

  private Trainer(
      TrainConfig config,
      RunFolder folder,
      CaptionScorer scorer,
      TrainListener listener,
      LongSupplier nanoTime)
      throws IOException {
    this.config = config;
    this.folder = folder;
    this.listener = listener;
    this.nanoTime = nanoTime;
    if (config.training().threads() > 0) {
      Torch.setThreads(config.training().threads());
    }
    parts = new TrainingParts(config);
    metrics = new MetricsLog(folder.metrics());
    validation = new EpochValidation(config, folder, parts, scorer, listener, metrics, nanoTime);
    steps =
        new TrainingSteps(
            parts.manager, parts.decoder, parts.optimizer, config.training().clipNorm());
    state = TrainState.start();
  }

  /**
   * Opens a run.
   *
   * @param resume whether to go on from the run's checkpoint, if there is one
   * @param nanoTime a clock in nanoseconds, for the seconds in the metrics
   * @throws ConfigException when the run exists and is not resumed, or has other settings
   */
  public static Trainer open(
      TrainConfig config,
      boolean resume,
      CaptionScorer scorer,
      TrainListener listener,
      LongSupplier nanoTime)
      throws IOException {
    RunFolder folder = new RunFolder(config.run().folder().resolve(config.run().name()));
    boolean exists = Files.exists(folder.config());
    if (exists && !resume) {
      throw new ConfigException(
          "The run %s exists: give --resume to go on with it, or another name by --set run.name=NAME"
              .formatted(folder.root()));
    }
    if (exists && !Files.readString(folder.config()).equals(config.effectiveYaml())) {
      throw new ConfigException(
          "The settings differ from those of the run to resume, %s: set them back, or begin another run by --set run.name=NAME"
              .formatted(folder.config()));
    }
    requireMetric(config.validation().metric(), scorer);
    Trainer trainer = new Trainer(config, folder, scorer, listener, nanoTime);
    Files.createDirectories(folder.root());
    folder.removeLeftovers();
    AtomicFile.writeString(folder.config(), config.effectiveYaml());
    if (Files.exists(folder.checkpoint())) {
      trainer.state =
          Checkpoint.load(folder.checkpoint(), trainer.parts.trainables, trainer.parts.optimizer);
      listener.say(
          "Resumed at epoch %d, batch %d".formatted(trainer.state.epoch(), trainer.state.batch()));
    }
    trainer.metrics.rewindTo(trainer.state);
    return trainer;
  }

  /** Before anything is trained, not after an epoch. */
  private static void requireMetric(String metric, CaptionScorer scorer) {
    if (!scorer.metrics().isEmpty() && !scorer.metrics().contains(metric)) {
      throw new ConfigException(
          "validation.metric is %s; the metrics computed are %s (clipscore where validation.clip names a CLIP)"
              .formatted(metric, scorer.metrics()));
    }
  }

  /** Runs to the end: all epochs, or as many as patience allows. */
  public RunFolder run() throws IOException {
    parts.announce(listener);
    ValidationSet.write(folder.validation(), parts.val, config.validation().clip());
    parts.encodeImages(listener);
    warnOfZeroRates();
    while (!state.finished()) {
      epochStart = nanoTime.getAsLong();
      boolean projectionOnly = state.epoch() < config.training().projectionEpochs();
      parts.trainables.require(true, !projectionOnly);
      List<Integer> order = parts.trainBatches.order().of(parts.train.size(), state.epoch());
      while (state.batch() < parts.trainBatches.count()) {
        trainBatch(order);
      }
      save();
      state = validation.run(state, (nanoTime.getAsLong() - epochStart) / 1e9);
      save();
      drawCurves();
    }
    return folder;
  }

  /** A machine without fonts trains all the same. */
  private void drawCurves() throws IOException {
    try {
      AttentionOutputs.requireText();
    } catch (UsageException e) {
      listener.warn("%s is not drawn: %s".formatted(folder.curves(), e.getMessage()));
      return;
    }
    new CurvesImage(metrics.lines()).write(folder.curves());
  }

  private void trainBatch(List<Integer> order) throws IOException {
    int index = state.batch();
    int groups = config.training().accumulation();
    int groupStart = index / groups * groups;
    int groupSize = Math.min(groups, parts.trainBatches.count() - groupStart);
    boolean steps = index + 1 == groupStart + groupSize;
    double loss =
        this.steps.accumulate(
            owner -> batch(owner, order, index),
            1.0 / groupSize,
            parts.trainBatches.order().dropoutSeed(state.epoch(), index));
    if (!Double.isFinite(loss)) {
      throw new ConfigException(
          "The loss is %s at epoch %d, batch %d: begin another run by --set run.name=NAME, with a lower training.learning_rate or a training.clip_norm"
              .formatted(loss, state.epoch(), index));
    }
    double rate = rate(state.step(), state.epoch());
    if (steps) {
      this.steps.step(rate);
    }
    state = state.afterBatch(loss, steps);
    if (steps) {
      log(loss, rate);
      if (state.step() % config.training().checkpointSteps() == 0) {
        save();
      }
    }
  }

  private TrainingBatch batch(NDManager owner, List<Integer> order, int index) {
    try {
      return parts.trainBatches.batch(owner, order, index);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void log(double loss, double rate) throws IOException {
    listener.stepped(state.epoch(), state.step(), totalSteps(), loss, rate);
    boolean lastOfEpoch = state.batch() == parts.trainBatches.count();
    if (lastOfEpoch || state.step() % LOGGED_EVERY == 0) {
      metrics.append(
          MetricsLog.line(state.step(), state.epoch()).put("loss", loss).put("rate", rate));
    }
  }

  private int stepsPerEpoch() {
    return Math.ceilDiv(parts.trainBatches.count(), config.training().accumulation());
  }

  private long totalSteps() {
    return (long) stepsPerEpoch() * config.training().epochs();
  }

  private double rate(long step, int epoch) {
    TrainConfig.Training training = config.training();
    return training.schedule().rateAt(step, epoch, totalSteps(), training.epochs());
  }

  private void warnOfZeroRates() {
    long first = -1;
    long count = 0;
    for (long step = state.step(); step < totalSteps(); step++) {
      if (rate(step, (int) (step / stepsPerEpoch())) < ZERO_RATE) {
        first = count == 0 ? step : first;
        count++;
      }
    }
    if (count > 0) {
      listener.warn(
          "The learning rate is 0 in %d of %d steps, first at step %d in epoch %d (both counted from 0): nothing is learnt there. See training.schedule_length"
              .formatted(count, totalSteps(), first, first / stepsPerEpoch()));
    }
  }

  private void save() throws IOException {
    Checkpoint.save(folder.checkpoint(), parts.trainables, parts.optimizer, state);
  }

  @Override
  public void close() throws IOException {
    parts.close();
  }
}
