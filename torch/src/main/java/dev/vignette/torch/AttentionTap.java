package dev.vignette.torch;

import ai.djl.ndarray.NDArray;

/**
 * Receives attention weights of chosen layers while a model runs. Layers that it does not want run
 * the fused attention, which never forms the weights.
 */
public interface AttentionTap {
  /** Wants nothing and costs nothing. */
  AttentionTap NONE =
      new AttentionTap() {
        @Override
        public boolean wants(int layer) {
          return false;
        }

        @Override
        public void accept(int layer, NDArray weights) {
          throw new IllegalStateException("Layer %d was not asked for".formatted(layer));
        }
      };

  /** Whether the weights of a layer (from 0) are wanted. */
  boolean wants(int layer);

  /**
   * Takes a layer's weights; the array is closed when this returns.
   *
   * @param weights softmax rows: (B, heads, T, T) of a whole pass, or (B·N, heads, keys) of one
   *     generated row
   */
  void accept(int layer, NDArray weights);
}
