package dev.vignette.cli.run;

import dev.vignette.captions.run.CaptionRun;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.OutputException;
import dev.vignette.captions.run.ProgressReporter;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.captions.run.UsageException;
import dev.vignette.files.sentences.FailureText;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * What a run says on the standard error.
 *
 * @param quiet whether only what goes wrong is said
 */
public record RunConsole(PrintWriter err, boolean quiet) {
  private static final Duration LINE_EVERY = Duration.ofSeconds(10);

  /**
   * Captions what a plan asks for, with progress, notes and summary on {@code err}; see {@link
   * CaptionRun#run}. The exit code of the command is {@link RunResult#exitCode} of the result.
   *
   * @param stop from an {@link InterruptGuard}
   * @throws UsageException before any work, if the output cannot take these captions
   * @throws UncheckedIOException before any work, if it cannot be read and written
   * @throws OutputException if captions cannot be printed
   */
  public static <P> RunResult run(
      RunPlan plan, CaptionWorkers<P> workers, StopSignal stop, PrintWriter err) {
    RunConsole console = new RunConsole(err, plan.quiet());
    console.begin(plan.inputs());
    RunResult result =
        new CaptionRun<>(workers, plan, console.progress(plan.inputs(), plan.settings()), stop)
            .run();
    console.end(plan.quiet() ? result.troubles(plan.output()) : result.summary(plan.output()));
    return result;
  }

  /** Says what was left out. */
  void begin(ImageInputs inputs) {
    if (!quiet) {
      inputs.notes().forEach(this::say);
      err.flush();
    }
  }

  ProgressReporter progress(ImageInputs inputs, RunSettings settings) {
    if (quiet || inputs.images().size() < 2) {
      return ProgressReporter.silent();
    }
    return StandardError.isTerminal()
        ? new BarProgress(err)
        : new LineProgress(err, LINE_EVERY, settings.nanoTime());
  }

  /** Says how it ended. */
  private void end(List<String> sentences) {
    sentences.forEach(this::say);
    err.flush();
  }

  /** A file's name may hold what a terminal obeys. */
  private void say(String sentence) {
    boolean plain = sentence.chars().noneMatch(Character::isISOControl);
    err.println(plain ? sentence : FailureText.printable(sentence));
  }
}
