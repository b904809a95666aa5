package dev.vignette.llama;

import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.MemorySegment;

/** A batch of embeddings: rows of the model's width, such as the tokens of an image. */
public final class EmbeddingBatch extends Batch {

  private final int width;

  private EmbeddingBatch(int capacity, int width, MemorySegment rows) {
    super(capacity);
    this.width = width;
    MemorySegment struct = struct();
    llama_batch.token(struct, MemorySegment.NULL);
    llama_batch.embd(struct, rows);
  }

  /**
   * A batch over an encoded image, at consecutive positions of one sequence, without copying it:
   * decode it while the image is open.
   *
   * @param image rows (tokens, width)
   */
  public static EmbeddingBatch of(ImageEmbedding image, int firstPosition, int sequence) {
    EmbeddingBatch batch = new EmbeddingBatch(image.tokenCount(), image.width(), image.rows());
    for (int i = 0; i < image.tokenCount(); i++) {
      batch.addRow(firstPosition + i, sequence, false);
    }
    return batch;
  }

  int width() {
    return width;
  }
}
