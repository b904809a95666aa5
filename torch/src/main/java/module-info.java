/** PyTorch through DJL: frozen weights, scripted blocks, a vision transformer, CLIP. */
module dev.vignette.torch {
  requires transitive ai.djl.api;
  requires transitive dev.vignette.weights;
  requires ai.djl.pytorch_engine;
  requires transitive ai.djl.tokenizers;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.vignette.torch;
  exports dev.vignette.torch.clip;
}
