package dev.vignette.spark.submit;

import dev.vignette.spark.CaptionMetrics;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log how far a job is, when tasks end, but not at every one. */
final class JobProgress extends SparkListener {
  private static final Logger LOG = LoggerFactory.getLogger(JobProgress.class);
  private static final long PAUSE_NANOS = 10_000_000_000L;

  private final CaptionMetrics metrics;
  private final LongSupplier nanoTime;
  private final long begun;
  private long said;

  JobProgress(CaptionMetrics metrics, LongSupplier nanoTime) {
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.begun = nanoTime.getAsLong();
    this.said = begun;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    long now = nanoTime.getAsLong();
    if (now - said >= PAUSE_NANOS) {
      said = now;
      LOG.info("{}", line());
    }
  }

  /** What is done, and how fast. */
  String line() {
    double seconds = (nanoTime.getAsLong() - begun) / 1e9;
    long images = metrics.images().value() + metrics.failed().value();
    return String.format(
        Locale.ROOT, "%s; %.1f images/s", metrics, seconds > 0 ? images / seconds : 0);
  }
}
