package dev.vignette.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/**
 * Whether there is something in a matrix, looked at here and there: an unfinished download, or a
 * disk that lost blocks, leaves zeros. Embeddings and heads may begin or end in rows of tokens that
 * nobody has trained.
 */
public abstract class FilledSamples {
  private static final int BYTES = 512;

  /** Smaller ones may be zeros. */
  private static final int LEAST_BYTES = 16 << 10;

  private static final int PLACES = 16;
  private static final Pattern OF_TOKENS =
      Pattern.compile(".*(?:emb|wte|wpe|lm_head|output\\.weight).*");

  /** Fills a buffer with the stored bytes of the matrix from one on. */
  protected abstract void read(long from, ByteBuffer into) throws IOException;

  /**
   * Whether a 16th of a matrix, or all of one of tokens, is zeros from its first byte on or to its
   * last.
   *
   * @param name of the tensor
   * @param bytes of it; false for a few
   */
  public final boolean isHollow(String name, long bytes) throws IOException {
    if (bytes < LEAST_BYTES) {
      return false;
    }
    if (!OF_TOKENS.matcher(name).matches()) {
      return (isZeros(bytes, 0) && isZeros(bytes, 1))
          || (isZeros(bytes, PLACES - 1) && isZeros(bytes, PLACES - 2));
    }
    for (int place = 0; place < PLACES; place++) {
      if (!isZeros(bytes, place)) {
        return false;
      }
    }
    return true;
  }

  /** At one of the places from the first byte to the last, where elements of all sizes begin. */
  private boolean isZeros(long bytes, int place) throws IOException {
    ByteBuffer sample = ByteBuffer.allocate(BYTES);
    read((bytes - BYTES) * place / (PLACES - 1) & -BYTES, sample);
    for (byte value : sample.array()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }
}
