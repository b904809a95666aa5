package dev.vignette.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tries again what may succeed the next time: broken connections and servers that ask for patience.
 * Counts failures in a row, so that a download that gets on goes on however often it is cut.
 */
final class Retries {
  /** Failures in a row after which it gives up. */
  static final int MOST_FAILURES = 6;

  /** The same for a server that cannot be reached at all. */
  static final int MOST_UNREACHED = 3;

  /** The longest wait that a server may ask for. */
  static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

  /** Waits. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  /** Something that may fail. */
  @FunctionalInterface
  interface Attempt<T> {
    T make() throws IOException;
  }

  /** A server that asks to come back later, or is out of order. */
  static final class BusyServer extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final transient Optional<Duration> wait;

    BusyServer(URI server, int status, Optional<Duration> wait) {
      super("%s answers %d".formatted(server.getHost(), status));
      this.status = status;
      this.wait = wait;
    }
  }

  private final URI server;
  private final Pause pause;
  private final Consumer<String> notes;
  private int failures;

  Retries(URI server, Pause pause, Consumer<String> notes) {
    this.server = server;
    this.pause = pause;
    this.notes = notes;
  }

  <T> T call(Attempt<T> attempt) throws HubException {
    while (true) {
      try {
        return attempt.make();
      } catch (IOException failure) {
        after(failure);
      }
    }
  }

  /** Says that something was got: the count of failures begins anew. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @throws HubException if there should be none
   */
  void after(IOException failure) throws HubException {
    if (failure instanceof HubException hopeless) {
      throw hopeless;
    }
    failures++;
    boolean unreached = failure instanceof ConnectException;
    if (failures >= (unreached ? MOST_UNREACHED : MOST_FAILURES)) {
      throw givingUp(failure);
    }
    Duration wait = FIRST_WAIT.multipliedBy(1L << (failures - 1));
    if (failure instanceof BusyServer busy) {
      wait = busy.wait.orElse(wait);
    }
    if (wait.compareTo(LONGEST_WAIT) > 0) {
      throw new HubException(
          HubException.Reason.BUSY,
          "%s asks to come back in %d minutes; what is whole is kept: run the command again then"
              .formatted(failure.getMessage(), wait.toMinutes() + 1));
    }
    notes.accept("%s; trying again in %d s".formatted(reason(failure), wait.toSeconds()));
    try {
      pause.sleep(wait);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new HubException(HubException.Reason.NO_NETWORK, "The download was stopped", stopped);
    }
  }

  private HubException givingUp(IOException failure) {
    if (failure instanceof BusyServer busy) {
      return new HubException(
          HubException.Reason.BUSY,
          "%s %s, %d times in a row; what is whole is kept: run the command again later"
              .formatted(
                  failure.getMessage(),
                  busy.status == 429 ? "(too many requests)" : "(out of order)",
                  failures),
          failure);
    }
    if (failure instanceof ConnectException) {
      return new HubException(
          HubException.Reason.NO_NETWORK,
          ("%s cannot be reached: %s. Check the network and the proxy (HTTPS_PROXY, NO_PROXY), or"
                  + " name a mirror in HF_ENDPOINT; what the cache holds can be used with --offline")
              .formatted(server.getHost(), reason(failure)),
          failure);
    }
    return new HubException(
        HubException.Reason.NO_NETWORK,
        "The connection to %s broke %d times in a row: %s. What is whole is kept: run the command again"
            .formatted(server.getHost(), failures, reason(failure)),
        failure);
  }

  private static String reason(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "its name has no address";
      }
      if (cause.getMessage() != null) {
        return cause.getMessage();
      }
    }
    return failure instanceof ConnectException
        ? "the connection is refused"
        : failure.getClass().getSimpleName();
  }
}
