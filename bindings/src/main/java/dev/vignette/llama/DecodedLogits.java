package dev.vignette.llama;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Logits of a decode, in the context's memory. May be read from any thread until the context
 * decodes again or is closed, which is an {@link IllegalStateException} afterwards; not while it
 * does so.
 */
public final class DecodedLogits {

  private final LlamaContext context;
  private final long decode;
  private final MemorySegment[] rows;

  /**
   * @param decode the context's number of the decode
   * @param rows (vocabulary) of float each
   */
  DecodedLogits(LlamaContext context, long decode, MemorySegment[] rows) {
    this.context = context;
    this.decode = decode;
    this.rows = rows;
  }

  /** Rows there are. */
  public int count() {
    return rows.length;
  }

  /**
   * Copies a row.
   *
   * @param row 0 to count - 1, in the order asked for
   * @param destination filled with one logit a token of the vocabulary; at least that long
   */
  public void copy(int row, float[] destination) {
    context.requireLast(decode);
    MemorySegment logits = rows[row];
    int size = Math.toIntExact(logits.byteSize() / Float.BYTES);
    if (destination.length < size) {
      throw new IllegalArgumentException(
          "logits need %d floats, not %d".formatted(size, destination.length));
    }
    MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, destination, 0, size);
  }
}
