/** Predictions, data sets, and runs over many images. */
module dev.vignette.captions {
  requires transitive dev.vignette.decoding;
  requires transitive dev.vignette.files;
  requires transitive dev.vignette.images;
  requires tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.captions;
  exports dev.vignette.captions.run;
}
