package dev.vignette.captioner.train;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captions.AtomicFile;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
   * @param trainSeconds its steps took
   * @return the state after it
   */
  TrainState run(TrainState state, double trainSeconds) throws IOException {
    long start = nanoTime.getAsLong();
    TrainConfig.Validation validation = config.validation();
    Predictions predictions =
        new Validator(parts.decoder, parts.tokenizer, parts.valBatches, validation.maxNewTokens())
            .caption(parts.manager);
    Files.createDirectories(folder.captions(state.epoch()).getParent());
    predictions.write(folder.captions(state.epoch()));
    SequencedMap<String, Double> scores = scorer.score(predictions, truth());
    Double chosen = scores.get(validation.metric());
    if (chosen == null) {
      throw new ConfigException(
          "validation.metric is %s; the metrics computed are %s"
              .formatted(validation.metric(), scores.keySet()));
    }
    double distinct = Validator.distinct(predictions);
    if (distinct < validation.minDistinct()) {
      listener.warn(
          "Only %.1f%% of the validation captions differ from each other: the captioner has collapsed to a few sentences"
              .formatted(100 * distinct));
    }
    double loss = state.lossSum() / parts.trainBatches.count();
    double seconds = (nanoTime.getAsLong() - start) / 1e9;
    log(state, scores, loss, distinct, trainSeconds, seconds);
    boolean better = Double.isNaN(state.best()) || chosen > state.best();
    AdapterFolder.save(folder.last(), parts.trainables, parts.plan, parts.origin);
    if (better) {
      AdapterFolder.save(folder.best(), parts.trainables, parts.plan, parts.origin);
    }
    AtomicFile.writeString(folder.samples(), SampleSheet.of(state.epoch(), parts.val, predictions));
    boolean last = state.epoch() + 1 >= config.training().epochs();
    return state.afterEpoch(chosen, better, last, validation.patience());
  }

  private void log(
      TrainState state,
      SequencedMap<String, Double> scores,
      double loss,
      double distinct,
      double trainSeconds,
      double validationSeconds)
      throws IOException {
    ObjectNode line = MetricsLog.line(state.step(), state.epoch());
    line.put("train_loss", loss).put("train_seconds", trainSeconds);
    ObjectNode node = line.putObject("validation");
    scores.forEach(node::put);
    node.put("distinct", distinct).put("seconds", validationSeconds);
    metrics.append(line);
    listener.say(
        "Epoch %d: loss %.4f, %s, %.0f%% distinct, %.1f s of steps, %.1f s of validation"
            .formatted(
                state.epoch(), loss, scores, 100 * distinct, trainSeconds, validationSeconds));
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
