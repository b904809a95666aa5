package dev.vignette.eval;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What another thread computes. */
final class Awaited {
  private Awaited() {}

  /** What was computed; what was thrown there, an error too, is thrown here as it was. */
  static <T> T result(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw e;
      }
    }
  }
}
