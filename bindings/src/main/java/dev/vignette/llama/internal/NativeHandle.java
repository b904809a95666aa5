package dev.vignette.llama.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A pointer with an owner: handed out while open, freed once. Others may keep it alive (a context
 * keeps its model), so that closing in any order is safe: the memory goes when the owner has closed
 * and the last of them has let go.
 *
 * <p>The pointer is bound to an arena, so that a native call that has it in hand holds the memory:
 * it is freed before the call or after it, never during it.
 *
 * <p>Thread-safe; but one that is confined is made, used and closed by one thread.
 */
public final class NativeHandle {

  private final String what;
  private final Arena arena;
  private final boolean confined;
  private final MemorySegment pointer;
  private int users = 1;
  private boolean closed;

  // The pointer is the native side's own; its size is not known, and nothing reads through it. The
  // arena is closed by close() or the last release().
  @SuppressWarnings({"restricted", "MustBeClosedChecker"})
  private NativeHandle(
      String what, MemorySegment pointer, Consumer<MemorySegment> free, boolean confined) {
    this.what = what;
    this.confined = confined;
    this.arena = confined ? Arena.ofConfined() : Arena.ofShared();
    this.pointer = pointer.reinterpret(arena, free);
  }

  /**
   * A pointer for any thread. Closing it waits for the calls in flight, which are to be short.
   *
   * @param what names the thing in messages, such as {@code "model 'x.gguf'"}
   * @param pointer not null
   * @param free the native call that frees it
   */
  public static NativeHandle shared(
      String what, MemorySegment pointer, Consumer<MemorySegment> free) {
    return new NativeHandle(what, pointer, free, false);
  }

  /** A pointer for this thread only, see {@link #shared}. Closing it within its own call throws. */
  public static NativeHandle confined(
      String what, MemorySegment pointer, Consumer<MemorySegment> free) {
    return new NativeHandle(what, pointer, free, true);
  }

  /** The text of a zero-terminated UTF-8 string that native code owns; empty for a null pointer. */
  public static String text(MemorySegment pointer) {
    return pointer.equals(MemorySegment.NULL) ? "" : pointer.getString(0, StandardCharsets.UTF_8);
  }

  /**
   * The pointer, for a call made now.
   *
   * @throws IllegalStateException if the owner has closed it
   */
  public synchronized MemorySegment pointer() {
    if (closed) {
      throw new IllegalStateException(what + " is closed; use it before close()");
    }
    return pointer;
  }

  /**
   * A pointer that a native call gave out of what this owns: it holds the memory as {@link
   * #pointer} does, and is of no use after it.
   */
  @SuppressWarnings("restricted")
  public MemorySegment bind(MemorySegment part) {
    return part.reinterpret(arena, null);
  }

  /**
   * Keeps the memory alive until {@link #release}.
   *
   * @throws IllegalStateException if the owner has closed it
   */
  public synchronized void retain() {
    pointer();
    users++;
  }

  /** Lets go of what {@link #retain} kept. */
  public void release() {
    if (isLastUser()) {
      free();
    }
  }

  private synchronized boolean isLastUser() {
    users--;
    return users == 0;
  }

  /**
   * The owner's close; a second one does nothing. Returns whether it was the first.
   *
   * @throws IllegalStateException if it is confined and closed by another thread or within a call
   *     of its own; it stays open then
   */
  public boolean close() {
    if (confined) {
      return closeConfined();
    }
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
    }
    release();
    return true;
  }

  private synchronized boolean closeConfined() {
    if (closed) {
      return false;
    }
    try {
      arena.close();
    } catch (WrongThreadException e) {
      throw new IllegalStateException(what + " is closed by the thread that made it only", e);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          what + " is closed within a call of its own; close it when the call has ended", e);
    }
    closed = true;
    return true;
  }

  /** Frees the memory once the last call that has the pointer in hand has ended. */
  private void free() {
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException e) {
        if (!arena.scope().isAlive()) {
          throw e; // not of a call in flight: what frees it has failed
        }
        Thread.onSpinWait();
      }
    }
  }
}
