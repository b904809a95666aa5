package dev.vignette.cli.models;

import dev.vignette.cli.run.StandardError;
import dev.vignette.hub.ByteCount;
import dev.vignette.hub.Hub.PullListener;
import dev.vignette.hub.Hub.PullPlan;
import dev.vignette.hub.Repository.RemoteFile;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far a download is, on the standard error: a bar that is drawn over itself on a terminal, else
 * a line every ten seconds.
 */
final class DownloadProgress implements PullListener, AutoCloseable {
  private static final int CELLS = 24;
  private static final long DRAW_NANOS = 200_000_000;
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final double NANOS = 1e9;
  private static final double LEAST_SHARE = 0.01; // before that the time left is a guess

  private final PrintWriter err;
  private final boolean drawing;
  private final LongSupplier nanoTime;
  private long total;
  private long done;
  private long begun;
  private long shown;
  private boolean lineOpen;

  DownloadProgress(PrintWriter err) {
    this(err, StandardError.isTerminal(), System::nanoTime);
  }

  DownloadProgress(PrintWriter err, boolean drawing, LongSupplier nanoTime) {
    this.err = err;
    this.drawing = drawing;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void started(PullPlan plan) {
    total = plan.missingBytes();
    done = 0;
    begun = nanoTime.getAsLong();
    shown = begun;
  }

  @Override
  public synchronized void received(long bytes) {
    done += bytes;
    long now = nanoTime.getAsLong();
    if (now - shown >= (drawing ? DRAW_NANOS : LINE_NANOS)) {
      shown = now;
      show(now);
    }
  }

  @Override
  public synchronized void discarded(long bytes) {
    total += bytes;
  }

  @Override
  public synchronized void checking(RemoteFile file) {
    if (drawing && file.bytes() > 1_000_000_000) {
      note("Checking the hash of " + file.path());
    }
  }

  @Override
  public synchronized void note(String sentence) {
    endLine();
    err.println(sentence);
    err.flush();
  }

  private void show(long now) {
    double share = total == 0 ? 1 : Math.min(1, (double) done / total);
    double seconds = Math.max(1e-3, (now - begun) / NANOS);
    double rate = done / seconds;
    String text =
        "%s of %s, %s/s%s"
            .formatted(
                ByteCount.text(done),
                ByteCount.text(total),
                ByteCount.text(Math.round(rate)),
                share < LEAST_SHARE ? "" : left((total - done) / rate));
    if (drawing) {
      int full = (int) (share * CELLS);
      err.printf(
          Locale.ROOT,
          "\r[%s%s] %3d%% %s\u001b[K",
          "=".repeat(full),
          " ".repeat(CELLS - full),
          (int) (share * 100),
          text);
      lineOpen = true;
    } else {
      err.println(text);
    }
    err.flush();
  }

  private static String left(double seconds) {
    long left = Math.max(0, Math.round(seconds));
    return String.format(
        Locale.ROOT, ", about %d:%02d:%02d left", left / 3600, left / 60 % 60, left % 60);
  }

  private void endLine() {
    if (lineOpen) {
      err.println();
      lineOpen = false;
    }
  }

  /** Ends the bar, at what it has come to. */
  @Override
  public synchronized void close() {
    if (drawing && total > 0) {
      show(nanoTime.getAsLong());
    }
    endLine();
    err.flush();
  }
}
