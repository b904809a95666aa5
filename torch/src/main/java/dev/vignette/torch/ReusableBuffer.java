package dev.vignette.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A direct buffer used again and again for the input of a step: memory outside the heap is given
 * back only when the collector runs, which a training loop hardly makes it do. An array created
 * over the buffer must be closed before the buffer is asked for again.
 */
public final class ReusableBuffer {
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /** An empty buffer of exactly so many bytes, in native order. */
  public ByteBuffer ofBytes(int bytes) {
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }
    return buffer.slice(0, bytes).order(ByteOrder.nativeOrder());
  }
}
