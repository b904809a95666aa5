package dev.vignette.llama;

import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A batch of embeddings: the rows of an encoded image, which it refers to and does not copy. */
public final class EmbeddingBatch extends Batch {

  private @Nullable ImageEmbedding image;

  /** A batch for an image of at most this many tokens, 1 or more. */
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
    for (int i = 0; i < embedding.tokenCount(); i++) {
      addRow(firstPosition + i, sequence, false);
    }
  }

  private ImageEmbedding image() {
    if (image == null) {
      throw new IllegalStateException("this batch holds no image; set one first");
    }
    return image;
  }

  @Override
  void point(MemorySegment struct) {
    llama_batch.token(struct, MemorySegment.NULL);
    llama_batch.embd(struct, image().rows());
  }

  @Override
  void checkFits(int vocabularySize, int embeddingLength) {
    if (image().width() != embeddingLength) {
      throw new IllegalArgumentException(
          "this model reads embeddings %d wide, not %d"
              .formatted(embeddingLength, image().width()));
    }
  }
}
