package dev.vignette.llama;

import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * What one decode reads: rows of input, each with a position, a sequence and whether its logits are
 * wanted.
 *
 * <p>A row is a token ({@link TokenBatch}) or an embedding ({@link EmbeddingBatch}); llama.cpp
 * takes one kind at a time. Owns native memory; reused by {@link #clear}. Confined to the thread
 * that made it.
 */
public abstract sealed class Batch implements AutoCloseable permits TokenBatch, EmbeddingBatch {

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment struct;
  private final MemorySegment positions;
  private final MemorySegment sequences;
  private final MemorySegment outputs;
  private final int capacity;
  private boolean closed;
  private int size;
  private int maxSequence = -1;

  Batch(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a batch holds 1 row or more, not " + capacity);
    }
    this.capacity = capacity;
    struct = llama_batch.allocate(arena);
    positions = arena.allocate(ValueLayout.JAVA_INT, capacity);
    sequences = arena.allocate(ValueLayout.JAVA_INT, capacity);
    outputs = arena.allocate(ValueLayout.JAVA_BYTE, capacity);
    llama_batch.pos(struct, positions);
    llama_batch.logits(struct, outputs);
    llama_batch.n_seq_id(struct, sequenceCounts());
    llama_batch.seq_id(struct, sequencePointers());
  }

  /** Each row belongs to one sequence. */
  private MemorySegment sequenceCounts() {
    MemorySegment counts = arena.allocate(ValueLayout.JAVA_INT, capacity);
    for (int i = 0; i < capacity; i++) {
      counts.setAtIndex(ValueLayout.JAVA_INT, i, 1);
    }
    return counts;
  }

  private MemorySegment sequencePointers() {
    MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, capacity);
    for (int i = 0; i < capacity; i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, sequences.asSlice((long) i * Integer.BYTES));
    }
    return pointers;
  }

  final Arena arena() {
    return arena;
  }

  /** Fills the columns of the next row and returns its index. */
  final int addRow(int position, int sequence, boolean wantsLogits) {
    checkOpen();
    if (size == capacity) {
      throw new IllegalArgumentException("this batch holds at most %d rows".formatted(capacity));
    }
    if (position < 0 || sequence < 0) {
      throw new IllegalArgumentException(
          "positions and sequence ids are 0 or more, not %d and %d".formatted(position, sequence));
    }
    positions.setAtIndex(ValueLayout.JAVA_INT, size, position);
    sequences.setAtIndex(ValueLayout.JAVA_INT, size, sequence);
    outputs.set(ValueLayout.JAVA_BYTE, size, (byte) (wantsLogits ? 1 : 0));
    maxSequence = Math.max(maxSequence, sequence);
    return size++;
  }

  /** Sets the struct's pointers to the input itself, tokens or embeddings. */
  abstract void point(MemorySegment struct);

  /**
   * Refuses rows that the model does not have.
   *
   * @param vocabularySize tokens it knows
   * @param embeddingLength width of the embeddings it reads
   */
  abstract void checkFits(int vocabularySize, int embeddingLength);

  final MemorySegment struct() {
    checkOpen();
    llama_batch.n_tokens(struct, size);
    point(struct);
    return struct;
  }

  /** The rows whose logits are wanted. */
  final BitSet outputRows() {
    BitSet rows = new BitSet(size);
    for (int i = 0; i < size; i++) {
      rows.set(i, outputs.get(ValueLayout.JAVA_BYTE, i) != 0);
    }
    return rows;
  }

  final int maxSequence() {
    return maxSequence;
  }

  /** Rows it can hold. */
  public final int capacity() {
    return capacity;
  }

  /** Rows it holds. */
  public final int size() {
    return size;
  }

  /** Empties it for the next decode. */
  public final void clear() {
    checkOpen();
    size = 0;
    maxSequence = -1;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this batch is closed; use it before close()");
    }
  }

  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
