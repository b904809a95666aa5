package dev.vignette.cli.llava;

import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.RunResult.RunTimings;
import dev.vignette.llava.Caption.StageMillis;
import java.util.Locale;

/** Where a run's time went, an image at a time, in one line. */
final class TimingLine {

  private TimingLine() {}

  /**
   * @param nativeNanos nanoseconds inside llama.cpp
   * @param totals milliseconds in each stage, over all images
   * @param workers at work at the same time, 1 or more
   */
  static String of(RunResult result, long nativeNanos, StageMillis totals, int workers) {
    double images = result.captioned();
    RunTimings timings = result.timings();
    double spent = (double) workers * timings.totalNanos();
    double outside = spent - nativeNanos;
    return String.format(
        Locale.ROOT,
        "ms an image: encode %.2f, prefill %.2f, decode %.2f; outside llama.cpp %.2f (%.2f%% of the workers' time),"
            + " of it waiting for images %.2f, saving %.2f",
        totals.encode() / images,
        totals.prefill() / images,
        totals.decode() / images,
        outside / 1e6 / images,
        100 * outside / spent,
        timings.waitingNanos() / 1e6 / images,
        timings.savingNanos() / 1e6 / images);
  }
}
