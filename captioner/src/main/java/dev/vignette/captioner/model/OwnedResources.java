package dev.vignette.captioner.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What an owner has opened: closed in the reverse order, all of it even where closing fails, and by
 * {@link #closeAfter} where the owner's constructor does.
 */
public final class OwnedResources implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Takes a resource over, to be closed before those that were added before. */
  public <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Closes everything because of a failure, which keeps what closing fails with. */
  public void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Closes everything; a second time nothing.
   *
   * @throws RuntimeException what closing failed with first, after all is closed
   */
  @Override
  public void close() {
    RuntimeException first = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        if (first == null) {
          first = unchecked(e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static RuntimeException unchecked(Exception e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case IOException io -> new UncheckedIOException(io.getMessage(), io);
      default -> new IllegalStateException(e);
    };
  }
}
