package dev.vignette.llama;

import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A batch of token ids. */
public final class TokenBatch extends Batch {

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
