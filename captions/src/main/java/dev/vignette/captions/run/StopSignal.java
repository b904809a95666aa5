package dev.vignette.captions.run;

import java.util.concurrent.atomic.AtomicBoolean;

/** Asks a run, from any thread, to end after the image in hand. */
public final class StopSignal {
  private final AtomicBoolean requested = new AtomicBoolean();

  /** Asks for the end; asking again changes nothing. */
  public void request() {
    requested.set(true);
  }

  /** Whether the end was asked for. */
  public boolean requested() {
    return requested.get();
  }
}
