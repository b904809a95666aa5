package dev.vignette.captions.batch;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Says how far a run is. All methods are called on the captioning thread. */
public interface ProgressReporter extends AutoCloseable {
  /** What became of an image. */
  enum Step {
    /** It was captioned. */
    CAPTIONED,
    /** It had its caption. */
    REUSED,
    /** It could not be captioned. */
    FAILED
  }

  /** The run begins with {@code images} to look at. */
  void started(int images);

  /** One more image is done. */
  void advanced(Step step);

  /** The run is over; nothing more is said. */
  @Override
  void close();

  /** Says nothing. */
  static ProgressReporter silent() {
    return new SilentProgress();
  }

  /** Draws a bar with count, rate and time left on a terminal. */
  static ProgressReporter bar(PrintWriter terminal) {
    return new BarProgress(terminal);
  }

  /** Prints a line with count, rate and time left each time {@code every} has passed. */
  static ProgressReporter lines(PrintWriter out, Duration every, LongSupplier nanoTime) {
    return new LineProgress(out, every, nanoTime);
  }
}
