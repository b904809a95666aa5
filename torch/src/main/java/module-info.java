/** PyTorch through DJL: frozen weights, scripted blocks, a vision transformer, CLIP. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.torch {
  requires transitive ai.djl.api;
  requires transitive dev.vignette.weights;
  requires ai.djl.pytorch_engine;
  requires transitive ai.djl.tokenizers;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.vignette.torch to
      dev.vignette.captioner,
      dev.vignette.eval.clip;
  exports dev.vignette.torch.clip to
      dev.vignette.eval.clip;
}
