package dev.vignette.llama.internal;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * A pointer with an owner: handed out while open, freed once. Others may keep it alive (a context
 * keeps its model), so that closing in any order is safe: the memory goes when the owner has closed
 * and the last of them has let go.
 *
 * <p>Thread-safe.
 */
public final class NativeHandle {

  private final String what;
  private final MemorySegment pointer;
  private final Consumer<MemorySegment> free;
  private int users = 1;
  private boolean closed;

  /**
   * @param what names the thing in messages, such as {@code "model 'x.gguf'"}
   * @param pointer not null
   * @param free the native call that frees it
   */
  public NativeHandle(String what, MemorySegment pointer, Consumer<MemorySegment> free) {
    this.what = what;
    this.pointer = pointer;
    this.free = free;
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

  /** Keeps the memory alive until {@link #release}. */
  public synchronized void retain() {
    pointer();
    users++;
  }

  /** Lets go of what {@link #retain} kept. */
  public synchronized void release() {
    users--;
    if (users == 0) {
      free.accept(pointer);
    }
  }

  /** The owner's close; a second one does nothing. */
  public synchronized void close() {
    if (!closed) {
      closed = true;
      release();
    }
  }
}
