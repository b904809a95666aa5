package dev.vignette.captioner.train;

import ai.djl.ndarray.NDManager;
import dev.vignette.attention.AttentionOutputs;
import dev.vignette.captioner.model.OwnedResources;
import dev.vignette.captioner.model.TrainingBatch;
import dev.vignette.captioner.train.TrainConfig.RateSchedule;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The training loop: epochs of batches, a validation after each, checkpoints on the way. What a
 * step does is a function of seed, position and the arrays before it, so a resumed run makes the
 * same steps as one that was never stopped.
 */
public final class Trainer implements AutoCloseable {
  private static final int LOGGED_EVERY = 10;
  private static final double NANOS = 1e9;

  private final TrainConfig config;
  private final RunFolder folder;
  private final TrainingParts parts;
  private final TrainListener listener;
  private final LongSupplier nanoTime;
  private final MetricsLog metrics;
  private final EpochValidation validation;
  private final TrainingSteps steps;
  private final RunLength length;
  private final OddSettings odd;
  private final OwnedResources owned;
  private TrainState state;
  private long epochStart;

  private Trainer(
      TrainConfig config,
      RunFolder folder,
      CaptionScorer scorer,
      TrainListener listener,
      LongSupplier nanoTime,
      OwnedResources owned)
      throws IOException {
    this.config = config;
    this.folder = folder;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.owned = owned;
    if (config.training().threads() > 0) {
      Torch.setThreads(config.training().threads());
    }
    parts = owned.add(new TrainingParts(config));
    length = new RunLength(config.training(), parts.trainBatches.count());
    odd = new OddSettings(config, folder, parts, length, listener);
    metrics = new MetricsLog(folder.metrics());
    validation = new EpochValidation(config, folder, parts, scorer, listener, metrics, nanoTime);
    steps =
        new TrainingSteps(
            parts.manager, parts.decoder, parts.optimizer, config.training().clipNorm());
    state = TrainState.start();
  }

  /**
   * Opens a run, for this process alone until it is closed.
   *
   * @param resume whether to go on from the run's checkpoint, if there is one; with more epochs
   *     than before a finished run goes on too
   * @param nanoTime a clock in nanoseconds, for the seconds in the metrics
   * @throws ConfigException when the run exists and is not resumed, has other settings or data, has
   *     results but no checkpoint, or is trained by another process
   */
  public static Trainer open(
      TrainConfig config,
      boolean resume,
      CaptionScorer scorer,
      TrainListener listener,
      LongSupplier nanoTime)
      throws IOException {
    requireMetric(config.validation().metric(), scorer);
    RunFolder folder = new RunFolder(config.run().folder().resolve(config.run().name()));
    OwnedResources owned = new OwnedResources();
    owned.add(folder.lock());
    try {
      requireMayBegin(folder, config, resume);
      Trainer trainer = new Trainer(config, folder, scorer, listener, nanoTime, owned);
      trainer.begin();
      return trainer;
    } catch (IOException | RuntimeException | Error e) {
      owned.closeAfter(e);
      throw e;
    }
  }

  private static void requireMayBegin(RunFolder folder, TrainConfig config, boolean resume)
      throws IOException {
    if (!Files.exists(folder.config())) {
      folder.requireEmpty();
      return;
    }
    if (!resume) {
      throw new ConfigException(
          "The run %s exists: give --resume to go on with it, or another name by --set run.name=NAME"
              .formatted(folder.root()));
    }
    ResumedSettings.requireResumable(folder.config(), config);
    if (!Files.exists(folder.checkpoint())) {
      folder.requireNoResults();
    }
  }

  /** Brings the folder to where the run stands. */
  private void begin() throws IOException {
    OutputFolder.make(folder.root());
    folder.removeLeftovers();
    TrainConfig.Training training = config.training();
    if (Files.exists(folder.checkpoint())) {
      TrainState saved = Checkpoint.load(folder.checkpoint(), parts, config);
      requireEpochs(saved.epochsBegun());
      state = saved.within(training.epochs(), config.validation().patience());
      listener.say(
          state.finished()
              ? "The run is finished; more training.epochs continue it"
              : "Resumed in epoch %d of %d, after step %d of %d"
                  .formatted(state.epoch() + 1, training.epochs(), state.step(), length.steps()));
      sayOfOtherEpochs();
      warnOfMissingBest();
      warnOfMissingMetrics();
    } else if (Files.exists(folder.config())) {
      listener.say("The run was begun, but has no checkpoint yet: it begins anew");
    }
    AtomicFile.writeString(folder.config(), config.effectiveYaml());
    metrics.rewindTo(state);
  }

  /** What the run has learnt stays learnt, and its configuration must not say less. */
  private void requireEpochs(int begun) {
    if (begun > config.training().epochs()) {
      throw new ConfigException(
          "training.epochs is %d, and %s is in its epoch %d already: give at least %d, or begin another run by --set run.name=NAME"
              .formatted(config.training().epochs(), folder.root(), begun, begun));
    }
  }

  /** The best epoch's adapter is in no checkpoint, and only a better one takes its place. */
  private void warnOfMissingBest() throws IOException {
    if (state.bestEpoch() >= 0 && !folder.hasBest()) {
      listener.warn(
          "%s, the adapter of epoch %d, is missing or damaged, and comes again only with a better epoch (%s above %.3f). Put it back, or use %s, the adapter of the last epoch"
              .formatted(
                  folder.best(),
                  state.bestEpoch() + 1,
                  config.validation().metric(),
                  state.best(),
                  folder.last()));
    }
  }

  private void warnOfMissingMetrics() throws IOException {
    long validated =
        Files.exists(folder.metrics())
            ? metrics.lines().stream().filter(line -> line.has("validation")).count()
            : -1;
    if (state.step() > 0 && validated < state.epoch()) {
      listener.warn(
          "%s lacks figures of the epochs before step %d. Put it back before the run goes on"
              .formatted(folder.metrics(), state.step() + 1));
    }
  }

  /** A schedule over the whole run is another one when the run is longer. */
  private void sayOfOtherEpochs() throws IOException {
    RateSchedule schedule = config.training().schedule();
    String before = FlatConfig.read(folder.config()).getOrDefault("training.epochs", "");
    String now = Integer.toString(config.training().epochs());
    if (!before.equals(now)
        && schedule.length() == 0
        && schedule.shape() != RateSchedule.Shape.CONSTANT) {
      listener.warn(
          "training.epochs is %s and was %s: from here the learning rate follows its schedule over %s epochs"
              .formatted(now, before, now));
    }
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
    return run(new StopSignal()).orElseThrow();
  }

  /**
   * Runs to the end, or until it is asked to stop: then the step in hand is finished and a
   * checkpoint saved, from which a resumed run makes the same steps as one that was not stopped.
   *
   * @return the run's files; empty if it was stopped before the end
   */
  public Optional<RunFolder> run(StopSignal stop) throws IOException {
    parts.announce(listener);
    odd.say(state);
    ValidationSet.write(folder.validation(), parts.val, config.validation().clip());
    parts.encodeImages(listener, stop);
    if (stop.requested()) {
      listener.say("Stopped; images encoded so far are kept. Go on by --resume");
      return Optional.empty();
    }
    while (!state.finished()) {
      if (!trainEpoch(stop)) {
        return stopped();
      }
      Optional<TrainState> validated = validate(stop);
      if (validated.isEmpty()) {
        return stopped();
      }
      state = validated.get();
      save();
      drawCurves();
    }
    odd.sayOfResult(state);
    return Optional.of(folder);
  }

  private Optional<TrainState> validate(StopSignal stop) throws IOException {
    try {
      return validation.run(state, stop);
    } catch (InvalidLogitsException e) {
      throw (ConfigException)
          diverged("captioner computes no numbers any more", state.epoch(), state.batch() - 1)
              .initCause(e);
    }
  }

  private Optional<RunFolder> stopped() {
    listener.say(
        "Stopped in epoch %d of %d, after step %d of %d; a checkpoint is saved. Go on by --resume"
            .formatted(
                state.epoch() + 1, config.training().epochs(), state.step(), length.steps()));
    return Optional.empty();
  }

  /** Trains the rest of an epoch and saves; false if it was stopped before its end. */
  private boolean trainEpoch(StopSignal stop) throws IOException {
    epochStart = nanoTime.getAsLong() - Math.round(state.seconds() * NANOS);
    boolean projectionOnly = state.epoch() < config.training().projectionEpochs();
    parts.trainables.require(true, !projectionOnly);
    List<Integer> order = parts.trainBatches.order().of(parts.train.size(), state.epoch());
    boolean stopped = false;
    while (state.batch() < parts.trainBatches.count() && !stopped) {
      trainBatch(order);
      // Gradients of a step that is not made yet are in no checkpoint.
      stopped = stop.requested() && stepIsMade();
    }
    save();
    return !stopped;
  }

  private boolean stepIsMade() {
    return state.batch() % config.training().accumulation() == 0
        || state.batch() == parts.trainBatches.count();
  }

  /** A machine without fonts trains all the same. */
  private void drawCurves() throws IOException {
    try {
      AttentionOutputs.requireText();
    } catch (UsageException e) {
      listener.warn("%s is not drawn: %s".formatted(folder.curves(), e.getMessage()));
      return;
    }
    new CurvesImage(metrics.lines(), config.validation().metric()).write(folder.curves());
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
      throw diverged("loss is " + loss, state.epoch(), index);
    }
    if (state.step() == 0 && index == 0) {
      odd.sayOfFirst(loss);
    }
    double rate = length.rateAt(state.step(), state.epoch());
    if (steps) {
      this.steps.step(rate);
    }
    state = state.afterBatch(loss, steps).withSeconds((nanoTime.getAsLong() - epochStart) / NANOS);
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
    listener.stepped(
        new TrainListener.Step(
            state.epoch(),
            config.training().epochs(),
            (int) (state.step() - (long) state.epoch() * length.stepsPerEpoch()),
            length.stepsPerEpoch(),
            loss,
            rate));
    boolean lastOfEpoch = state.batch() == parts.trainBatches.count();
    if (lastOfEpoch || state.step() % LOGGED_EVERY == 0) {
      metrics.append(
          MetricsLog.line(state.step(), state.epoch()).put("loss", loss).put("rate", rate));
    }
  }

  private static ConfigException diverged(String what, int epoch, int batch) {
    return new ConfigException(
        "The %s at epoch %d, batch %d: begin another run by --set run.name=NAME, with a lower training.learning_rate or a training.clip_norm"
            .formatted(what, epoch, batch));
  }

  /** Weights that are no numbers any more are not saved over those before. */
  private void save() {
    if (!parts.trainables.areFinite()) {
      throw diverged("trained weights are no numbers", state.epoch(), state.batch() - 1);
    }
    try {
      Checkpoint.save(folder.checkpoint(), parts.trainables, parts.optimizer, state, parts.used);
    } catch (UnwritableFileException failure) {
      throw folder.unwritten(Objects.requireNonNull(failure.getCause()));
    } catch (IOException failure) {
      throw folder.unwritten(failure);
    }
  }

  @Override
  public void close() {
    owned.close();
  }
}
