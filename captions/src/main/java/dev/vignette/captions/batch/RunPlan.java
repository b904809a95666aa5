package dev.vignette.captions.batch;

import java.io.PrintWriter;
import java.io.UncheckedIOException;

/**
 * What a command was asked to caption and where to, checked before its model is loaded.
 *
 * @param inputs the images
 * @param output where the captions go
 * @param settings how the images are read and prefetched
 * @param quiet whether progress and summary are left out; failures are said all the same
 */
public record RunPlan(ImageInputs inputs, RunOutput output, RunSettings settings, boolean quiet) {
  /** Returns whether there is one image only, whose caption goes to the standard output. */
  public boolean isOnePrintedImage() {
    return inputs.images().size() == 1
        && inputs.failures().isEmpty()
        && output instanceof RunOutput.Printed;
  }

  /**
   * Prints a caption of the image that {@link #isOnePrintedImage} speaks of.
   *
   * @throws OutputException if it cannot be printed
   */
  public void print(String caption) {
    if (output instanceof RunOutput.Printed printed) {
      printed.print(inputs.images().getFirst(), caption);
    }
  }

  /**
   * Captions the images with progress, notes and summary on {@code err}; see {@link
   * CaptionRun#run}. The exit code of the command is {@link RunResult#exitCode} of the result.
   *
   * @param stop from an {@link InterruptGuard}
   * @throws UsageException before any work, if the output cannot take these captions
   * @throws UncheckedIOException before any work, if it cannot be read and written
   * @throws OutputException if captions cannot be printed
   */
  public <P> RunResult run(CaptionWorkers<P> workers, StopSignal stop, PrintWriter err) {
    RunConsole console = new RunConsole(err, quiet);
    console.begin(inputs);
    RunResult result =
        new CaptionRun<>(workers, this, console.progress(inputs, settings), stop).run();
    console.end(result, RunSummary.lines(result, output));
    return result;
  }
}
