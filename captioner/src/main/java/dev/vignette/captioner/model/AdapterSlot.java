package dev.vignette.captioner.model;

import ai.djl.ndarray.types.Shape;

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
      throw new IllegalArgumentException(
          "The adapter of %s has rank %d, but the map is only %d x %d: lower lora.rank or name the module in lora.rank_pattern"
              .formatted(module, rank, in, out));
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
