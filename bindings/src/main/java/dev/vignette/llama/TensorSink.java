package dev.vignette.llama;

/** Receives the tensors that a tap copied. */
@FunctionalInterface
public interface TensorSink {

  void accept(CopiedTensor tensor);
}
