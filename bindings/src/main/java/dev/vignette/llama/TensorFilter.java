package dev.vignette.llama;

/**
 * Chooses the tensors that a tap copies. Names repeat within a graph, so the operation is given
 * too.
 */
@FunctionalInterface
public interface TensorFilter {

  /**
   * @param name llama.cpp's name of the node, such as {@code kq_soft_max-3}
   * @param operation ggml's name of what makes it, such as {@code SOFT_MAX}
   */
  boolean wants(String name, String operation);
}
