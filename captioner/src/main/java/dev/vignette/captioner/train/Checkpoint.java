package dev.vignette.captioner.train;

import ai.djl.ndarray.NDArray;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.torch.CheckedWeights;
import dev.vignette.torch.FusedAdamW;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A run's whole state in one file: trainable arrays, moments and step counts of the optimizer, and
 * the position. Schedule, order of the data and random numbers follow from position and seed.
 */
final class Checkpoint {
  private static final String MODEL = "model.";
  private static final String OPTIMIZER = "optimizer.";

  private Checkpoint() {}

  static void save(Path file, Trainables trainables, FusedAdamW optimizer, TrainState state)
      throws IOException {
    SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> arrays.put(MODEL + name, array));
    optimizer.state().forEach((name, array) -> arrays.put(OPTIMIZER + name, array));
    CheckedWeights.write(file, arrays, state.toTexts());
  }

  static TrainState load(Path file, Trainables trainables, FusedAdamW optimizer)
      throws IOException {
    Safetensors saved = Safetensors.open(file);
    if (!TrainState.isIn(saved.metadata())) {
      throw new WeightsException(
          "%s is no checkpoint of a run: its header says nothing of where the run stood; begin another run by --set run.name=NAME"
              .formatted(file));
    }
    CheckedWeights.require(saved, "copy the run again, or begin another by --set run.name=NAME");
    trainables.restore(saved, MODEL);
    optimizer.restore(saved, OPTIMIZER);
    return TrainState.ofTexts(saved.metadata());
  }
}
