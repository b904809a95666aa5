package dev.vignette.captions.batch;

import java.nio.file.Path;
import java.util.List;

/** Starts runs with settings that suit tests. */
final class Runs {
  private Runs() {}

  /** A {@code predictions.json} by stem, with nothing else. */
  static RunOutput.Saved output(Path predictions) {
    return RunOutput.Saved.to(predictions, KeyMode.STEM, false, null, false);
  }

  static RunResult run(CaptionWorkers<?> workers, ImageInputs inputs, RunOutput to) {
    return run(workers, inputs, to, new StopSignal());
  }

  static RunResult run(
      CaptionWorkers<?> workers, ImageInputs inputs, RunOutput to, StopSignal stop) {
    return run(workers, inputs, to, RunSettings.defaults().withPrefetch(2, 4), stop);
  }

  static RunResult run(
      CaptionWorkers<?> workers,
      ImageInputs inputs,
      RunOutput to,
      RunSettings settings,
      StopSignal stop) {
    RunPlan plan = new RunPlan(inputs, to, settings, true);
    return new CaptionRun<>(workers, plan, ProgressReporter.silent(), stop).run();
  }

  static ImageInputs folder(Path folder) {
    return ImageInputs.find(List.of(folder.toString()), List.of(), KeyMode.STEM);
  }
}
