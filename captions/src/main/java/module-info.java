/** Predictions, data sets, and runs over many images. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.captions {
  requires transitive dev.vignette.decoding;
  requires transitive dev.vignette.files;
  requires transitive dev.vignette.images;
  requires tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.captions;
  exports dev.vignette.captions.isolated to
      dev.vignette.captioner,
      dev.vignette.llava;
  exports dev.vignette.captions.reading to
      dev.vignette.attention,
      dev.vignette.eval;
  exports dev.vignette.captions.run;
}
