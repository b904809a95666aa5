/** Pictures as RGB, and their preprocessing: the JDK alone. */
module dev.vignette.images {
  requires static org.jspecify;

  exports dev.vignette.images;
}
