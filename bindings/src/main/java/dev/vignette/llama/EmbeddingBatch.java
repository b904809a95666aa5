package dev.vignette.llama;

import dev.vignette.llama.VisionProjector.ImageEmbedding;
import dev.vignette.llama.internal.ffi.llama_batch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch of embeddings: the rows of one encoded image, which it refers to and does not copy, or of
 * several, which it copies.
 */
public final class EmbeddingBatch extends Batch {

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
   * Copies an encoded image behind those that the batch holds, so that the projector may encode the
   * next.
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
    MemorySegment.copy(embedding.rows(), 0, copies, row * length, embedding.tokenCount() * length);
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
