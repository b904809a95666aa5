package dev.vignette.captioner.train;

import ai.djl.ndarray.NDArray;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.torch.CheckedWeights;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A run's whole state in one file: trainable arrays, moments and step counts of the optimizer, and
 * the position. Schedule, order of the data and random numbers follow from position and seed.
 */
final class Checkpoint {
  private static final String MODEL = "model.";
  private static final String OPTIMIZER = "optimizer.";
  private static final String REMEDY =
      "copy the run again, or begin another by --set run.name=NAME";

  private Checkpoint() {}

  static void save(
      Path file, Trainables trainables, FusedAdamW optimizer, TrainState state, UsedData used)
      throws IOException {
    SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> arrays.put(MODEL + name, array));
    optimizer.state().forEach((name, array) -> arrays.put(OPTIMIZER + name, array));
    Map<String, String> texts = state.toTexts();
    texts.putAll(used.toTexts());
    CheckedWeights.write(file, arrays, texts);
  }

  /**
   * Brings a run's arrays to where they were saved.
   *
   * @return where the run stood
   * @throws WeightsException naming the file, if it is none or says what cannot be
   * @throws ConfigException if it was made with other data or models than these
   */
  static TrainState load(Path file, TrainingParts parts, TrainConfig config) throws IOException {
    if (Files.isDirectory(file)) {
      throw new WeightsException(
          "%s must be a checkpoint's file, and it is a folder; move it away and %s"
              .formatted(file, REMEDY));
    }
    Safetensors saved = Safetensors.open(file);
    if (!TrainState.isIn(saved.metadata())) {
      throw new WeightsException(
          "%s is no checkpoint of a run: its header says nothing of where the run stood; begin another run by --set run.name=NAME"
              .formatted(file));
    }
    CheckedWeights.require(saved, REMEDY);
    parts.used.requireSame(saved.metadata(), config);
    TrainState state = state(saved, parts.trainBatches.count());
    parts.trainables.restore(saved, MODEL);
    parts.optimizer.restore(saved, OPTIMIZER);
    return state;
  }

  private static TrainState state(Safetensors saved, int batches) {
    try {
      return TrainState.ofTexts(saved.metadata(), batches);
    } catch (IllegalArgumentException e) {
      throw new WeightsException(
          "%s is damaged: %s; %s".formatted(saved.path(), e.getMessage(), REMEDY), e);
    }
  }
}
