package dev.vignette.llama;

/** Receives the tensors that a tap copied. */
@FunctionalInterface
public interface TensorSink {

  void accept(CopiedTensor tensor);

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

  /**
   * A tensor as it stood in the graph.
   *
   * @param name llama.cpp's name of the node
   * @param shape sizes in ggml's order, the fastest first; always four
   * @param values all elements, the first dimension fastest
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data, handed over once
  public record CopiedTensor(String name, long[] shape, float[] values) {}
}
