package dev.vignette.llama;

/**
 * Whether attention is computed in one fused step. Attention weights can be seen only when it is
 * {@link #OFF}.
 */
public enum FlashAttention {
  /** llama.cpp decides by device and model. */
  AUTO,
  ON,
  OFF
}
