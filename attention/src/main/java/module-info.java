/** What words of a caption looked at: traces, maps, figures, pages. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.attention {
  requires transitive dev.vignette.captions;
  requires transitive dev.vignette.images;
  requires dev.vignette.files;
  requires java.desktop;
  requires tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.attention;
  exports dev.vignette.attention.recording to
      dev.vignette.captioner,
      dev.vignette.llava;
}
