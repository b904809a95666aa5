package dev.vignette.cli.captioner;

import dev.vignette.captioner.train.TrainListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * A run's progress on the standard error: on a terminal a bar with rate and time left for each
 * epoch, elsewhere a line now and then, and lines that stay.
 */
final class TrainProgress implements TrainListener, AutoCloseable {
  private static final double NANOS = 1e9;
  private static final long BAR_EVERY = 100_000_000L;
  private static final long LINE_EVERY = 30_000_000_000L;
  private static final int BAR = 20;

  private final PrintWriter err;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private String task = "";
  private int begunAt;
  private long begun;
  private long shown;
  private boolean open;

  /**
   * @param terminal whether {@code err} can draw over a line
   * @param nanoTime a clock in nanoseconds
   */
  TrainProgress(PrintWriter err, boolean terminal, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
  }

  @Override
  public void say(String message) {
    clear();
    task = "";
    err.println(message);
    err.flush();
  }

  @Override
  public void warn(String message) {
    say("Warning: " + message);
  }

  @Override
  public void encoded(int done, int of) {
    show("encoding images", "images", done, of, "");
  }

  @Override
  public void stepped(Step step) {
    show(
        "epoch %d of %d".formatted(step.epoch() + 1, step.epochs()),
        "steps",
        step.step(),
        step.steps(),
        String.format(Locale.ROOT, " · loss %.3f", step.loss()));
  }

  @Override
  public void validated(int done, int of) {
    show("validating", "images", done, of, "");
  }

  private void show(String what, String unit, int done, int of, String more) {
    long now = nanoTime.getAsLong();
    if (!task.equals(what)) {
      task = what;
      begunAt = done - 1;
      begun = now;
      shown = terminal ? now - BAR_EVERY : now;
    }
    if (now - shown < (terminal ? BAR_EVERY : LINE_EVERY)) {
      return;
    }
    shown = now;
    String counts = "%d of %d %s".formatted(done, of, unit);
    String rest = counts + more + rate(unit, done, of, (now - begun) / NANOS);
    if (terminal) {
      int filled = (int) ((long) BAR * done / of);
      String bar = "=".repeat(filled) + (filled < BAR ? ">" + " ".repeat(BAR - filled - 1) : "");
      err.print("\r%s [%s] %s\u001b[K".formatted(what, bar, rest));
      open = true;
    } else {
      err.println("%s: %s".formatted(what, rest));
    }
    err.flush();
  }

  /** Empty until a second task of the same kind was measured. */
  private String rate(String unit, int done, int of, double seconds) {
    double rate = (done - begunAt - 1) / seconds;
    if (!(rate > 0) || Double.isInfinite(rate)) {
      return "";
    }
    long left = Math.round((of - done) / rate);
    return String.format(
        Locale.ROOT,
        rate >= 1 ? " · %.1f %s/s · %d:%02d:%02d left" : " · %.2f %s/s · %d:%02d:%02d left",
        rate,
        unit,
        left / 3600,
        left / 60 % 60,
        left % 60);
  }

  private void clear() {
    if (open) {
      err.print("\r\u001b[K");
      open = false;
    }
  }

  @Override
  public void close() {
    clear();
    err.flush();
  }
}
