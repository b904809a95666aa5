/** Generation of text: settings, searches, and many prompts in one decode. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.decoding {
  requires static org.jspecify;

  exports dev.vignette.decoding;
  exports dev.vignette.decoding.search to
      dev.vignette.captioner,
      dev.vignette.captions,
      dev.vignette.llava;
}
