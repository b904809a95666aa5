package dev.vignette.captions.batch;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/**
 * What a run says on the standard error.
 *
 * @param quiet whether only failures are said
 */
record RunConsole(PrintWriter err, boolean quiet) {
  private static final Duration LINE_EVERY = Duration.ofSeconds(10);

  /** Says what was left out. */
  void begin(ImageInputs inputs) {
    if (!quiet) {
      inputs.notes().forEach(err::println);
      err.flush();
    }
  }

  ProgressReporter progress(ImageInputs inputs, RunSettings settings) {
    if (quiet || inputs.images().size() < 2) {
      return ProgressReporter.silent();
    }
    return StandardError.isTerminal()
        ? ProgressReporter.bar(err)
        : ProgressReporter.lines(err, LINE_EVERY, settings.nanoTime());
  }

  /** Says how it ended. */
  void end(RunResult result, List<String> summary) {
    if (!quiet || result.exitCode() != 0) {
      summary.forEach(err::println);
      err.flush();
    }
  }
}
