package dev.vignette.captioner.train;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.ContentHash;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.files.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.LongSupplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * What happens after an epoch: captions of the validation images, their scores, the adapters of the
 * last and of the best epoch.
 */
record EpochValidation(
    TrainConfig config,
    RunFolder folder,
    TrainingParts parts,
    CaptionScorer scorer,
    TrainListener listener,
    MetricsLog metrics,
    LongSupplier nanoTime) {
  /**
   * Validates the epoch that a state stands at the end of.
   *
   * @return the state after it; empty if it was stopped before its end
   */
  Optional<TrainState> run(TrainState state, StopSignal stop) throws IOException {
    long start = nanoTime.getAsLong();
    TrainConfig.Validation validation = config.validation();
    Optional<Predictions> made =
        new Validator(parts.decoder, parts.tokenizer, parts.valBatches, validation.maxNewTokens())
            .caption(parts.manager, listener::validated, stop);
    if (made.isEmpty()) {
      return Optional.empty();
    }
    Predictions predictions = made.get();
    OutputFolder.make(folder.captions());
    predictions.write(folder.captions(state.epoch()));
    SequencedMap<String, Double> scores = scorer.score(predictions, truth());
    Double chosen = scores.get(validation.metric());
    if (chosen == null) {
      throw new ConfigException(
          "validation.metric is %s; the metrics computed are %s"
              .formatted(validation.metric(), scores.keySet()));
    }
    boolean better = Double.isNaN(state.best()) || chosen > state.best();
    Epoch epoch =
        new Epoch(
            state,
            state.lossSum() / parts.trainBatches.count(),
            scores,
            Validator.distinct(predictions),
            (nanoTime.getAsLong() - start) / 1e9,
            better);
    if (epoch.distinct() < validation.minDistinct()) {
      listener.warn(
          "Only %.1f%% of the validation captions differ from each other: the captioner has collapsed to a few sentences"
              .formatted(100 * epoch.distinct()));
    }
    metrics.append(epoch.line(ContentHash.of(folder.captions(state.epoch()))));
    listener.say(epoch.sentence(config.training().epochs(), validation.metric()));
    saveAdapter(folder.last());
    if (better) {
      saveAdapter(folder.best());
    }
    AtomicFile.writeString(folder.samples(), SampleSheet.of(state.epoch(), parts.val, predictions));
    return Optional.of(
        state.afterEpoch(chosen, better, config.training().epochs(), validation.patience()));
  }

  private void saveAdapter(Path place) {
    try {
      AdapterFolder.save(place, parts.trainables, parts.plan, parts.origin);
    } catch (UnwritableFileException failure) {
      throw folder.unwritten(Objects.requireNonNull(failure.getCause()));
    } catch (IOException failure) {
      throw folder.unwritten(failure);
    }
  }

  /**
   * What is told of an epoch.
   *
   * @param state at its end
   * @param loss mean of its batches
   * @param scores of its captions
   * @param distinct different captions as a share of the images
   * @param seconds of its validation
   * @param best whether no epoch before was as good
   */
  record Epoch(
      TrainState state,
      double loss,
      SequencedMap<String, Double> scores,
      double distinct,
      double seconds,
      boolean best) {

    /**
     * For the metrics.
     *
     * @param captions hash of the file of its captions
     */
    private ObjectNode line(String captions) {
      ObjectNode line = MetricsLog.line(state.step(), state.epoch());
      line.put("train_loss", loss).put("train_seconds", state.seconds());
      line.put(MetricsLog.CAPTIONS_HASH, captions);
      ObjectNode node = line.putObject("validation");
      scores.forEach(node::put);
      node.put("distinct", distinct).put("seconds", seconds);
      return line;
    }

    /** One line for a person, with figures rounded to what they mean; epochs count from 1. */
    String sentence(int epochs, String metric) {
      StringBuilder text = new StringBuilder();
      text.append(
          String.format(
              Locale.ROOT, "epoch %d of %d · loss %.3f", state.epoch() + 1, epochs, loss));
      scores.forEach((name, value) -> {
        if (name.equals(metric) || !MetricNames.MINOR.contains(name)) {
          text.append(String.format(Locale.ROOT, " · %s %.3f", MetricNames.shown(name), value));
        }
      });
      text.append(
          String.format(
              Locale.ROOT,
              " · %.0f%% distinct · %.1f s",
              100 * distinct,
              state.seconds() + seconds));
      return text.append(best ? " · best so far" : "").toString();
    }
  }

  private CaptionScorer.Truth truth() {
    SequencedMap<String, Path> images = new LinkedHashMap<>();
    SequencedMap<String, List<String>> references = new LinkedHashMap<>();
    for (Sample sample : parts.val) {
      images.put(sample.stem(), sample.file());
      references.put(sample.stem(), sample.captions());
    }
    return new CaptionScorer.Truth(images, references);
  }
}
