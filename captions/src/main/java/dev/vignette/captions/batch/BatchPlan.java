package dev.vignette.captions.batch;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;

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
  private static final Duration LINE_EVERY = Duration.ofSeconds(10);

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
    if (!quiet) {
      inputs.notes().forEach(err::println);
      err.flush();
    }
    RunResult result =
        new CaptionRun<>(captioner, inputs, destination, settings, progress(err), stop).run();
    if (!quiet || result.exitCode() != 0) {
      RunSummary.lines(result, destination).forEach(err::println);
      err.flush();
    }
    return result;
  }

  private ProgressReporter progress(PrintWriter err) {
    if (quiet || inputs.images().size() < 2) {
      return ProgressReporter.silent();
    }
    return StandardError.isTerminal()
        ? ProgressReporter.bar(err)
        : ProgressReporter.lines(err, LINE_EVERY, settings.nanoTime());
  }
}
