package dev.vignette.captions.batch;

import java.io.PrintWriter;
import java.io.UncheckedIOException;

/**
 * What a command was asked to caption by several settings and where to, checked before its model is
 * loaded.
 *
 * @param inputs the images
 * @param files where the captions go
 * @param settings how the images are read and prefetched
 * @param quiet whether progress and summary are left out; failures are said all the same
 */
public record SettingsPlan(
    ImageInputs inputs, SettingFiles files, RunSettings settings, boolean quiet) {

  /**
   * Captions the images with progress, notes and summary on {@code err}; see {@link
   * SettingsRun#run}.
   *
   * @param stop from an {@link InterruptGuard}
   * @throws UsageException before any work, if the files cannot take these captions
   * @throws UncheckedIOException before any work, if they cannot be read and written
   */
  public <P> RunResult run(SettingsCaptioner<P> captioner, StopSignal stop, PrintWriter err) {
    RunConsole console = new RunConsole(err, quiet);
    console.begin(inputs);
    ProgressReporter progress = console.progress(inputs, settings);
    RunResult result = new SettingsRun<>(captioner, inputs, files, settings, progress, stop).run();
    console.end(result, RunSummary.lines(result, files));
    return result;
  }
}
