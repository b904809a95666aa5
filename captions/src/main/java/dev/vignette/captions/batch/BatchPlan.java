package dev.vignette.captions.batch;

import java.io.PrintWriter;
import java.io.UncheckedIOException;

/**
 * What a command was asked to caption and where to, checked before its model is loaded.
 *
 * @param inputs the images
 * @param destination where the captions go
 * @param settings how the images are read and prefetched
 * @param quiet whether progress and summary are left out; failures are said all the same
 */
public record BatchPlan(
    ImageInputs inputs, CaptionDestination destination, RunSettings settings, boolean quiet) {
  /** Whether there is one image only, whose caption goes to the standard output. */
  public boolean isOnePrintedImage() {
    return inputs.images().size() == 1 && destination instanceof CaptionLines;
  }

  /**
   * Captions the images with progress, notes and summary on {@code err}; see {@link
   * CaptionRun#run}. The exit code of the command is {@link RunResult#exitCode} of the result.
   *
   * @param stop from an {@link InterruptGuard}
   * @throws UsageException before any work, if the destination cannot take these captions
   * @throws UncheckedIOException before any work, if it cannot be read and written
   */
  public <P> RunResult run(ImageCaptioner<P> captioner, StopSignal stop, PrintWriter err) {
    RunConsole console = new RunConsole(err, quiet);
    console.begin(inputs);
    ProgressReporter progress = console.progress(inputs, settings);
    RunResult result =
        new CaptionRun<>(captioner, inputs, destination, settings, progress, stop).run();
    console.end(result, RunSummary.lines(result, destination));
    return result;
  }
}
