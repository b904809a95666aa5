package dev.vignette.llava.command;

import dev.vignette.captions.batch.RunResult;
import dev.vignette.llava.StageMillis;
import java.util.Locale;

/** Where a run's time went, an image at a time, in one line. */
final class TimingLine {

  private TimingLine() {}

  /**
   * @param nativeNanos nanoseconds inside llama.cpp
   * @param totals milliseconds in each stage, over all images
   */
  static String of(RunResult result, long nativeNanos, StageMillis totals) {
    double images = result.captioned();
    double total = result.timings().totalNanos();
    return String.format(
        Locale.ROOT,
        "ms an image: encode %.2f, prefill %.2f, decode %.2f; outside llama.cpp %.2f (%.2f%% of the captioning thread's time)",
        totals.encode() / images,
        totals.prefill() / images,
        totals.decode() / images,
        (total - nativeNanos) / 1e6 / images,
        100 * (total - nativeNanos) / total);
  }
}
