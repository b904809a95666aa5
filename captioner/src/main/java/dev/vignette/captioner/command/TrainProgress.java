package dev.vignette.captioner.command;

import dev.vignette.captioner.train.TrainListener;
import java.io.PrintWriter;
import java.util.Locale;

/** A run's progress on the standard error: a line that renews itself, and lines that stay. */
final class TrainProgress implements TrainListener, AutoCloseable {
  private static final int PLAIN_EVERY = 100;

  private final PrintWriter err;
  private final boolean renewing = System.console() != null && System.console().isTerminal();
  private boolean open;

  TrainProgress(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void say(String message) {
    endLine();
    err.println(message);
    err.flush();
  }

  @Override
  public void warn(String message) {
    say("Warning: " + message);
  }

  @Override
  public void encoded(int done, int of) {
    show("Encoding images: %d of %d".formatted(done, of), done == of);
  }

  @Override
  public void stepped(int epoch, long step, long ofSteps, double loss, double rate) {
    String line =
        String.format(
            Locale.ROOT,
            "Epoch %d, step %d of %d: loss %.4f, rate %.2e",
            epoch,
            step,
            ofSteps,
            loss,
            rate);
    show(line, step % PLAIN_EVERY == 0);
  }

  private void show(String line, boolean alsoPlain) {
    if (renewing) {
      err.print("\r" + line + "\u001b[K");
      err.flush();
      open = true;
    } else if (alsoPlain) {
      err.println(line);
      err.flush();
    }
  }

  private void endLine() {
    if (open) {
      err.println();
      open = false;
    }
  }

  @Override
  public void close() {
    endLine();
    err.flush();
  }
}
