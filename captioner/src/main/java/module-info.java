/** A captioner to train: ViT and GPT-2 with low-rank adapters. */
module dev.vignette.captioner {
  requires transitive dev.vignette.attention;
  requires transitive dev.vignette.captions;
  requires transitive dev.vignette.decoding;
  requires transitive dev.vignette.torch;
  requires ai.djl.tokenizers;
  requires dev.vignette.eval;
  requires dev.vignette.eval.clip;
  requires dev.vignette.files;
  requires java.desktop;
  requires org.snakeyaml.engine.v2;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.vignette.captioner;
  exports dev.vignette.captioner.train;
}
