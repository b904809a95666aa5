/** Generation of text: settings, searches, and many prompts in one decode. */
module dev.vignette.decoding {
  requires static org.jspecify;

  exports dev.vignette.decoding;
}
