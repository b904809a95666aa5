package dev.vignette.torch;

/** The linear maps of a block that can carry a low-rank adapter. */
public enum BlockLinear {
  /** Queries, keys and values in one map, C to 3C. */
  QKV,
  /** The attention's output, C to C. */
  PROJECTION,
  /** The feed-forward layer's first map. */
  UP,
  /** The feed-forward layer's second map. */
  DOWN
}
