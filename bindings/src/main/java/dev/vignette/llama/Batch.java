package dev.vignette.llama;

import dev.vignette.llama.VisionProjector.ImageEmbedding;
import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one decode reads: rows of input, each with a position, a sequence and whether its logits are
 * wanted.
 *
 * <p>A row is a token ({@link TokenBatch}) or an embedding ({@link EmbeddingBatch}); llama.cpp
 * takes one kind at a time. Owns native memory; reused by {@link #clear}. Confined to the thread
 * that made it.
 */
public abstract sealed class Batch implements AutoCloseable {

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

  /** A batch of token ids. */
  public static final class TokenBatch extends Batch {

    private final MemorySegment tokens;
    private int largest = -1;

    /** A batch of at most this many tokens, 1 or more. */
    public TokenBatch(int capacity) {
      super(capacity);
      tokens = arena().allocate(ValueLayout.JAVA_INT, capacity);
    }

    @Override
    void point(MemorySegment struct) {
      llama_batch.token(struct, tokens);
      llama_batch.embd(struct, MemorySegment.NULL);
    }

    /**
     * Adds a token and returns its row, by which {@link LlamaContext#logits} knows it.
     *
     * @param token a token id of the model's vocabulary (checked when decoded)
     * @param position its position in the sequence, from 0
     * @param sequence the sequence it extends
     * @param wantsLogits whether the logits after it are wanted
     */
    public int add(int token, int position, int sequence, boolean wantsLogits) {
      if (token < 0) {
        throw new IllegalArgumentException("a token id is 0 or more, not " + token);
      }
      int row = addRow(position, sequence, wantsLogits);
      tokens.setAtIndex(ValueLayout.JAVA_INT, row, token);
      largest = row == 0 ? token : Math.max(largest, token);
      return row;
    }

    /**
     * Adds consecutive tokens of one sequence; the last one's logits on request. Returns the last
     * row.
     */
    public int addAll(int[] ids, int firstPosition, int sequence, boolean lastWantsLogits) {
      int row = -1;
      for (int i = 0; i < ids.length; i++) {
        row = add(ids[i], firstPosition + i, sequence, lastWantsLogits && i == ids.length - 1);
      }
      return row;
    }

    @Override
    void checkFits(int vocabularySize, int embeddingLength) {
      if (largest >= vocabularySize) {
        throw new IllegalArgumentException(
            "a token id is 0 to %d in this vocabulary, not %d"
                .formatted(vocabularySize - 1, largest));
      }
    }
  }

  /**
   * A batch of embeddings: the rows of one encoded image, which it refers to and does not copy, or
   * of several, which it copies.
   */
  public static final class EmbeddingBatch extends Batch {

    private @Nullable ImageEmbedding image;
    private MemorySegment copies = MemorySegment.NULL;
    private int width;

    /** A batch for images of at most this many tokens together, 1 or more. */
    public EmbeddingBatch(int capacity) {
      super(capacity);
    }

    /**
     * Makes an encoded image, at consecutive positions of one sequence, what the batch holds.
     *
     * @param embedding rows (tokens, width); to be decoded before the projector encodes the next
     *     image
     */
    public void set(ImageEmbedding embedding, int firstPosition, int sequence) {
      clear();
      image = embedding;
      width = embedding.width();
      addRows(embedding.tokenCount(), firstPosition, sequence);
    }

    /**
     * Makes images that were encoded together what the batch holds, each in a sequence of its own.
     *
     * @param embeddings of one {@link VisionProjector#encode(List)}, in its order; to be decoded
     *     before the projector encodes again
     * @param sequences one an image
     */
    public void set(List<ImageEmbedding> embeddings, int firstPosition, int[] sequences) {
      clear();
      image = embeddings.getFirst();
      width = image.width();
      long next = image.rows().address();
      for (int i = 0; i < sequences.length; i++) {
        ImageEmbedding embedding = embeddings.get(i);
        if (embedding.rows().address() != next) {
          throw new IllegalArgumentException(
              "the images of a batch lie one behind the other; give those of one encoding, in its order");
        }
        next += embedding.rows().byteSize();
        addRows(embedding.tokenCount(), firstPosition, sequences[i]);
      }
    }

    /**
     * Copies an encoded image behind those that the batch holds, so that the projector may encode
     * the next.
     *
     * @param embedding rows (tokens, width), as wide as the others
     */
    public void add(ImageEmbedding embedding, int firstPosition, int sequence) {
      if (size() == 0) {
        image = null;
        width = embedding.width();
      }
      if (image != null || embedding.width() != width) {
        throw new IllegalStateException(
            "this batch holds an image that is not copied or of another width; clear it first");
      }
      long length = (long) width * Float.BYTES;
      if (copies.byteSize() < capacity() * length) {
        copies = arena().allocate(ValueLayout.JAVA_FLOAT, (long) capacity() * width);
      }
      int row = size();
      addRows(embedding.tokenCount(), firstPosition, sequence);
      MemorySegment.copy(
          embedding.rows(), 0, copies, row * length, embedding.tokenCount() * length);
    }

    private void addRows(int tokens, int firstPosition, int sequence) {
      for (int i = 0; i < tokens; i++) {
        addRow(firstPosition + i, sequence, false);
      }
    }

    @Override
    void point(MemorySegment struct) {
      if (image == null && copies.equals(MemorySegment.NULL)) {
        throw new IllegalStateException("this batch holds no image; set one first");
      }
      llama_batch.token(struct, MemorySegment.NULL);
      llama_batch.embd(struct, image == null ? copies : image.rows());
    }

    @Override
    void checkFits(int vocabularySize, int embeddingLength) {
      if (width != embeddingLength) {
        throw new IllegalArgumentException(
            "this model reads embeddings %d wide, not %d".formatted(embeddingLength, width));
      }
    }
  }
}
