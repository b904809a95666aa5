/** Weight files without an engine: safetensors, PyTorch checkpoints, GGUF. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.weights {
  requires transitive tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.weights to
      dev.vignette.captioner,
      dev.vignette.llava,
      dev.vignette.torch;
  exports dev.vignette.weights.faults;
  exports dev.vignette.weights.gguf to
      dev.vignette.llava;
}
