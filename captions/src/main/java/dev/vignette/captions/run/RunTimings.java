package dev.vignette.captions.run;

/**
 * Where the time of a run went, summed over its workers, from the first image to the last save; for
 * benchmarks.
 *
 * @param totalNanos from before the first image to after the last
 * @param waitingNanos waiting for images to be loaded on the prefetch threads
 * @param captioningNanos in {@link CaptionWorker#step}
 * @param savingNanos writing captions, journal, details and sidecars, and the predictions
 */
public record RunTimings(
    long totalNanos, long waitingNanos, long captioningNanos, long savingNanos) {
  /** The part of the time, 0 to 1, that was not spent in {@link CaptionWorker#step}. */
  public double shareOutsideCaptioning() {
    return totalNanos == 0 ? 0 : 1 - (double) captioningNanos / totalNanos;
  }

  /** The time in seconds. */
  public double totalSeconds() {
    return totalNanos / 1e9;
  }
}
