package dev.vignette.cli.run;

import dev.vignette.captions.run.StopSignal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes Ctrl-C (and SIGTERM) end a run in good order: the image in hand is finished, everything is
 * saved, and the process exits with 130. A second Ctrl-C ends it at once; what is lost is the image
 * in hand.
 *
 * <p>Open it before the run and close it when the results are printed: until then the signal waits.
 * Only public API is used, a shutdown hook; the JVM starts a thread called {@code SIGINT handler}
 * for each signal, and a second one of them tells of the second signal.
 */
public final class InterruptGuard implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int LOOK_MILLIS = 50;

  private final StopSignal stop = new StopSignal();
  private final CountDownLatch done = new CountDownLatch(1);
  private final PrintWriter err;
  private final Thread hook;

  private final String promise;
  private final boolean atOnce;

  private InterruptGuard(PrintWriter err, String promise, boolean atOnce) {
    this.err = err;
    this.promise = promise;
    this.atOnce = atOnce;
    this.hook = new Thread(this::endInGoodOrder, "vignette-interrupt");
  }

  /** Begins to guard; the first signal is answered on {@code err}. */
  public static InterruptGuard install(PrintWriter err) {
    return install(err, "the image in hand is finished and everything saved");
  }

  /**
   * Begins to guard.
   *
   * @param promise what happens after the first signal, said on {@code err}
   */
  public static InterruptGuard install(PrintWriter err, String promise) {
    InterruptGuard guard = new InterruptGuard(err, promise, false);
    Runtime.getRuntime().addShutdownHook(guard.hook);
    return guard;
  }

  /** What the run has to look at. */
  public StopSignal stopSignal() {
    return stop;
  }

  /**
   * Begins to guard a step that keeps nothing of its own: the first signal ends it, and what was
   * kept before it is said to be.
   *
   * @param kept what a run typed again finds done
   */
  public static InterruptGuard endingAtOnce(PrintWriter err, String kept) {
    InterruptGuard guard = new InterruptGuard(err, kept, true);
    Runtime.getRuntime().addShutdownHook(guard.hook);
    return guard;
  }

  private void endInGoodOrder() {
    if (signalHandlers() == 0) {
      return; // Somebody called System.exit, and that code counts.
    }
    stop.request();
    err.println();
    err.println(
        "Interrupted: %s. %s"
            .formatted(
                promise,
                atOnce ? "Run the same command again to go on." : "Ctrl-C again ends at once."));
    err.flush();
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!atOnce
          && !done.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)
          && signalHandlers() < 2
          && System.nanoTime() < deadline) {
        // Neither done, nor signalled again, nor out of patience.
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(ExitCodes.INTERRUPTED);
  }

  /** How many signals are being handled: each has a thread, which waits until the JVM ends. */
  private static long signalHandlers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("SIG") && name.endsWith(" handler"))
        .count();
  }

  /** Ends the guard; a process that was interrupted meanwhile now exits. */
  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The JVM is shutting down: the hook runs, and ends the process.
    }
  }
}
