package dev.vignette.llama;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An image as the language model sees it: rows (tokens, width) of float.
 *
 * <p>A view of the projector's output, not a copy (10 MB in LLaVA-1.5-7B): valid until the
 * projector encodes the next image or is closed, an {@link IllegalStateException} afterwards.
 */
public final class ImageEmbedding {

  private final VisionProjector projector;
  private final long serial;
  private final MemorySegment rows;
  private final int tokenCount;
  private final int width;

  /**
   * @param serial the projector's number of this image
   * @param output where the projector wrote it
   */
  ImageEmbedding(
      VisionProjector projector, long serial, MemorySegment output, int tokenCount, int width) {
    this.projector = projector;
    this.serial = serial;
    this.rows = output.reinterpret((long) tokenCount * width * Float.BYTES);
    this.tokenCount = tokenCount;
    this.width = width;
  }

  MemorySegment rows() {
    projector.requireCurrent(serial);
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
}
