package dev.vignette.captioner.model;

import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.LoraSettings.InvalidLoraException;

/**
 * A place for an adapter.
 *
 * @param module GPT-2's name of the adapted module with its prefix, as {@code named_modules} gives
 *     it
 * @param embedding whether the module is an embedding
 * @param in inputs of the map; rows of an embedding
 * @param out outputs
 * @param rank r
 * @param scale what multiplies B A
 */
public record AdapterSlot(
    String module, boolean embedding, int in, int out, int rank, double scale) {
  public AdapterSlot {
    if (rank > Math.min(in, out)) {
      throw new InvalidLoraException(
          "rank",
          "is %d for the adapter of %s, but that map is only %d x %d: lower it, or name the module in rank_pattern"
              .formatted(rank, module, in, out));
    }
    if (!((float) scale > 0) || Float.isInfinite((float) scale)) {
      throw new InvalidLoraException(
          "alpha",
          "makes the scale of the adapter of %s %s, which is no number of 32 bits over 0: give one near the rank of %d"
              .formatted(module, scale, rank));
    }
  }

  /** Shape of A, (r, in). */
  Shape shapeOfA() {
    return new Shape(rank, in);
  }

  /** Shape of B, (out, r). */
  Shape shapeOfB() {
    return new Shape(out, rank);
  }

  /** Trainable elements. */
  public long parameters() {
    return (long) rank * (in + out);
  }
}
