package dev.vignette.cli.run;

import dev.vignette.captions.run.ProgressReporter;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Plain lines, for where there is no terminal: {@code 120 of 300 images, 4 failed, 9.6 images/s}.
 */
final class LineProgress implements ProgressReporter {
  private static final double NANOS = 1e9;

  private final PrintWriter out;
  private final long everyNanos;
  private final LongSupplier nanoTime;
  private long begun;
  private long said;
  private int images;
  private int captioned;
  private int reused;
  private int failed;

  LineProgress(PrintWriter out, Duration every, LongSupplier nanoTime) {
    this.out = out;
    this.everyNanos = every.toNanos();
    this.nanoTime = nanoTime;
  }

  @Override
  public void started(int total) {
    images = total;
    begun = nanoTime.getAsLong();
    said = begun;
  }

  @Override
  public void advanced(Step step) {
    switch (step) {
      case CAPTIONED -> captioned++;
      case REUSED -> reused++;
      case FAILED -> failed++;
    }
    long now = nanoTime.getAsLong();
    if (now - said >= everyNanos) {
      said = now;
      out.println(line((now - begun) / NANOS));
      out.flush();
    }
  }

  private String line(double seconds) {
    int done = captioned + reused + failed;
    StringBuilder line = new StringBuilder("%d of %d images".formatted(done, images));
    if (reused > 0) {
      line.append(", %d reused".formatted(reused));
    }
    if (failed > 0) {
      line.append(", %d failed".formatted(failed));
    }
    if (captioned > 0) {
      double rate = captioned / seconds;
      line.append(String.format(Locale.ROOT, ", %.1f images/s", rate));
      line.append(", about %s left".formatted(duration(Math.round((images - done) / rate))));
    }
    return line.toString();
  }

  private static String duration(long seconds) {
    return "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  @Override
  public void note(String sentence) {
    out.println(sentence);
    out.flush();
  }

  @Override
  public void close() {}
}
