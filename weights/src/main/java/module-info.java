/** Weight files without an engine: safetensors, PyTorch checkpoints, GGUF. */
module dev.vignette.weights {
  requires transitive tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.weights;
  exports dev.vignette.weights.gguf;
}
