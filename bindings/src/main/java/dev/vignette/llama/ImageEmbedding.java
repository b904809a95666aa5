package dev.vignette.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An image as the language model sees it: rows (tokens, width) of float. Owns its memory, so it may
 * outlive the projector and be used for several prompts.
 */
public final class ImageEmbedding implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  private final MemorySegment rows;
  private final int tokenCount;
  private final int width;

  /** Copies the rows that the projector holds until its next image. */
  ImageEmbedding(MemorySegment source, int tokenCount, int width) {
    this.tokenCount = tokenCount;
    this.width = width;
    long floats = (long) tokenCount * width;
    rows = arena.allocate(ValueLayout.JAVA_FLOAT, floats);
    rows.copyFrom(source.reinterpret(floats * Float.BYTES));
  }

  MemorySegment rows() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("this image embedding is closed; use it before close()");
    }
    return rows;
  }

  /** Positions the image takes in a prompt: 576 in LLaVA-1.5. */
  public int tokenCount() {
    return tokenCount;
  }

  /** The width of the language model's embeddings: 4096 in LLaVA-1.5-7B. */
  public int width() {
    return width;
  }

  /** A copy as an array (tokens * width), row by row. */
  public float[] toArray() {
    return rows().toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
