package dev.vignette.cli.run;

import dev.vignette.captions.run.ProgressReporter;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A bar on a terminal. Images that had their caption leave its total rather than fill it, so that
 * rate and time left are those of captioning.
 */
final class BarProgress implements ProgressReporter {
  private static final int UPDATE_MILLIS = 500;
  private static final int COLUMNS = 79;

  private final OneLine line;
  private @Nullable ProgressBar bar;
  private int failed;

  BarProgress(PrintWriter terminal) {
    this.line = new OneLine(terminal);
  }

  @Override
  public void started(int images) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("Captioning")
            .setInitialMax(images)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .continuousUpdate()
            .setSpeedUnit(ChronoUnit.SECONDS)
            .showSpeed()
            .setConsumer(line)
            .build();
  }

  @Override
  public void advanced(Step step) {
    if (bar == null) {
      return;
    }
    switch (step) {
      case CAPTIONED -> bar.step();
      case REUSED -> leave(bar);
      case FAILED -> {
        failed++;
        leave(bar);
        bar.setExtraMessage(" " + failed + " failed");
      }
    }
  }

  /** A bar of nothing has no end: the last image left fills it. */
  private static void leave(ProgressBar bar) {
    if (bar.getMax() > 1) {
      bar.maxHint(bar.getMax() - 1);
    } else {
      bar.step();
    }
  }

  /** Both outputs may be one terminal: the bar makes room, and comes back below. */
  @Override
  public void whilePrinting(Runnable printing) {
    synchronized (line) {
      line.clear();
      printing.run();
    }
  }

  @Override
  public void note(String sentence) {
    whilePrinting(() -> line.say(sentence));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /**
   * Draws over the same line, on the thread of the library too. The library's own console asks
   * JLine for the terminal, which loads a native library and may print warnings.
   */
  private static final class OneLine implements ProgressBarConsumer {
    private final PrintWriter terminal;

    OneLine(PrintWriter terminal) {
      this.terminal = terminal;
    }

    @Override
    public int getMaxRenderedLength() {
      return COLUMNS;
    }

    @Override
    public synchronized void accept(String text) {
      terminal.print("\r" + text);
      terminal.flush();
    }

    @Override
    public synchronized void clear() {
      terminal.print("\r" + " ".repeat(COLUMNS) + "\r");
      terminal.flush();
    }

    synchronized void say(String sentence) {
      terminal.println(sentence);
      terminal.flush();
    }

    @Override
    public synchronized void close() {
      terminal.println();
      terminal.flush();
    }
  }
}
