package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.RunPlan.RunSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Starts runs with settings that suit tests. */
public final class Runs {
  private Runs() {}

  /** A {@code predictions.json} by stem, with nothing else. */
  public static RunOutput.Saved output(Path predictions) {
    return RunOutput.Saved.to(predictions, KeyMode.STEM, false, null, false);
  }

  /** The same, with all captions made anew. */
  public static RunOutput.Saved overwriting(Path predictions) {
    return RunOutput.Saved.to(predictions, KeyMode.STEM, false, null, true);
  }

  public static RunResult run(CaptionWorkers<?> workers, ImageInputs inputs, RunOutput to) {
    return run(workers, inputs, to, new StopSignal());
  }

  public static RunResult run(
      CaptionWorkers<?> workers, ImageInputs inputs, RunOutput to, StopSignal stop) {
    return run(workers, inputs, to, RunSettings.defaults().withPrefetch(2, 4), stop);
  }

  public static RunResult run(
      CaptionWorkers<?> workers,
      ImageInputs inputs,
      RunOutput to,
      RunSettings settings,
      StopSignal stop) {
    RunPlan plan = new RunPlan(inputs, to, settings, true);
    return new CaptionRun<>(workers, plan, ProgressReporter.silent(), stop).run();
  }

  /** A run that writes its predictions after each image. */
  static RunResult runSavingAlways(CaptionWorkers<?> workers, ImageInputs inputs, RunOutput to) {
    RunSettings usual = RunSettings.defaults();
    RunSettings always =
        new RunSettings(
            usual.reading(),
            1,
            2,
            Duration.ZERO,
            usual.failuresInARow(),
            usual.nanoTime(),
            usual.clock());
    return run(workers, inputs, to, always, new StopSignal());
  }

  public static ImageInputs folder(Path folder) {
    return ImageInputs.find(List.of(folder.toString()), List.of(), KeyMode.STEM);
  }
}
