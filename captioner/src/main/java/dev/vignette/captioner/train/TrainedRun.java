package dev.vignette.captioner.train;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.UsageException;
import dev.vignette.files.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A training run as its folder tells of it, finished or not.
 *
 * @param folder its files
 * @param settings the effective configuration, as texts by {@code section.name}
 * @param epochs how many were validated, at least 1
 * @param bestEpoch the one with the best value of {@code validation.metric}, from 0
 * @param trainSeconds of all epochs' steps, without validation
 * @param parameters trainable elements
 * @param validation what it was validated on
 */
public record TrainedRun(
    RunFolder folder,
    SequencedMap<String, String> settings,
    int epochs,
    int bestEpoch,
    double trainSeconds,
    long parameters,
    ValidationSet validation) {
  private static final String METRIC = "validation.metric";

  /** Copies the settings. */
  public TrainedRun {
    settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
    if (epochs < 1 || bestEpoch < 0) {
      throw new IllegalArgumentException(
          "a run has a validated epoch, but this one has %d and the best is %d"
              .formatted(epochs, bestEpoch));
    }
  }

  /**
   * Reads a run's folder.
   *
   * @throws UsageException if it is none, has no validated epoch yet, or has captions of other
   *     images than it was validated on
   */
  public static TrainedRun read(Path root) throws IOException {
    RunFolder folder = new RunFolder(root);
    if (!Files.isRegularFile(folder.config())) {
      throw new UsageException(
          "%s is no training run: it has no config.yaml. Give folders that captioner train made, such as runs/NAME."
              .formatted(root));
    }
    SequencedMap<String, String> settings = FlatConfig.read(folder.config());
    List<JsonNode> epochs =
        new MetricsLog(folder.metrics())
            .lines().stream().filter(line -> line.has("validation")).toList();
    if (epochs.isEmpty()) {
      throw new UsageException(
          "%s has no validated epoch yet. Wait for its first, or go on with captioner train --resume."
              .formatted(root));
    }
    requireAll(folder.metrics(), epochs);
    int best = bestEpoch(epochs, settings.getOrDefault(METRIC, "cider"));
    requireFile(folder.captions(best));
    requireOwnCaptions(folder.captions(best), epochs, best);
    requireFile(folder.validation());
    ValidationSet validation = ValidationSet.read(folder.validation());
    requireSameImages(folder.captions(best), validation);
    return new TrainedRun(
        folder,
        settings,
        epochs.size(),
        best,
        epochs.stream().mapToDouble(line -> line.path("train_seconds").asDouble(0)).sum(),
        AdapterFolder.parameters(folder.best()),
        validation);
  }

  /** The first of those with the highest value, as training chooses it. */
  private static int bestEpoch(List<JsonNode> epochs, String metric) {
    JsonNode best = epochs.getFirst();
    for (JsonNode line : epochs) {
      if (value(line, metric) > value(best, metric)) {
        best = line;
      }
    }
    return best.path("epoch").asInt(0);
  }

  private static double value(JsonNode line, String metric) {
    return line.path("validation").path(metric).asDouble(Double.NEGATIVE_INFINITY);
  }

  /** Of epochs without figures it cannot be known whether one of them was the best. */
  private static void requireAll(Path metrics, List<JsonNode> epochs) {
    for (int epoch = 0; epoch < epochs.size(); epoch++) {
      if (epochs.get(epoch).path("epoch").asInt(-1) != epoch) {
        throw new UsageException(
            "%s has figures of %d epochs, but none of epoch %d (from 0) where they are due: which epoch was the best cannot be known. Put the whole file back, or leave the run out."
                .formatted(metrics, epochs.size(), epoch));
      }
    }
  }

  private static void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          "A training run can be compared by its captions and what they were validated on, but %s is missing. Go on with captioner train --resume, or train the run again."
              .formatted(file));
    }
  }

  /** Captions that somebody changed have other figures than those that chose the epoch. */
  private static void requireOwnCaptions(Path captions, List<JsonNode> epochs, int epoch)
      throws IOException {
    for (JsonNode line : epochs) {
      String hash = line.path(MetricsLog.CAPTIONS_HASH).asString("");
      if (line.path("epoch").asInt(-1) == epoch
          && !hash.isEmpty()
          && !hash.equals(ContentHash.of(captions))) {
        throw new UsageException(
            "%s is not what the run wrote, so its figures are not those of the run. Put the old file back, or train the run again by another run.name."
                .formatted(captions));
      }
    }
  }

  /** Captions of other images would be scored by these images' references. */
  private static void requireSameImages(Path captions, ValidationSet validation) {
    Set<String> captioned = Predictions.read(captions).captions().keySet();
    Set<String> referenced = validation.references().keySet();
    if (!captioned.equals(referenced)) {
      long shared = captioned.stream().filter(referenced::contains).count();
      throw new UsageException(
          "%s has captions of %d images and %s has references of %d, of which %d are the same: the run was resumed with another data.val. Leave it out, or train it again by another run.name."
              .formatted(captions, captioned.size(), validation.file(), referenced.size(), shared));
    }
  }

  /** The captions of the best epoch. */
  public Path bestCaptions() {
    return folder.captions(bestEpoch);
  }
}
