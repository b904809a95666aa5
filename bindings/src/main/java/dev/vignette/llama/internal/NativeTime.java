package dev.vignette.llama.internal;

import java.util.concurrent.atomic.LongAdder;

/**
 * How long this process has been inside llama.cpp, over all threads: what is left of a run's time
 * is Java's.
 */
public final class NativeTime {

  private static final LongAdder total = new LongAdder();

  private NativeTime() {}

  /** To be called before native work; the result goes to {@link #end}. */
  public static long begin() {
    return System.nanoTime();
  }

  /** To be called after native work. */
  public static void end(long began) {
    total.add(System.nanoTime() - began);
  }

  /** Nanoseconds so far. */
  public static long total() {
    return total.sum();
  }
}
