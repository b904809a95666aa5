package dev.vignette.llama;

import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.MemorySegment;

/** A batch of embeddings: the rows of an encoded image, which it refers to and does not copy. */
public final class EmbeddingBatch extends Batch {

  private final ImageEmbedding image;

  /**
   * A batch over an encoded image, at consecutive positions of one sequence.
   *
   * @param image rows (tokens, width); to be decoded before the projector encodes the next image
   */
  public EmbeddingBatch(ImageEmbedding image, int firstPosition, int sequence) {
    super(image.tokenCount());
    this.image = image;
    for (int i = 0; i < image.tokenCount(); i++) {
      addRow(firstPosition + i, sequence, false);
    }
  }

  @Override
  void point(MemorySegment struct) {
    llama_batch.token(struct, MemorySegment.NULL);
    llama_batch.embd(struct, image.rows());
  }

  int width() {
    return image.width();
  }
}
