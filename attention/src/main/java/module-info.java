/** What words of a caption looked at: traces, maps, figures, pages. */
module dev.vignette.attention {
  requires transitive dev.vignette.captions;
  requires transitive dev.vignette.images;
  requires dev.vignette.files;
  requires java.desktop;
  requires tools.jackson.core;
  requires static org.jspecify;

  exports dev.vignette.attention;
}
