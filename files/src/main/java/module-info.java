/** Files that appear whole, and that two processes may share. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.files {
  requires transitive org.snakeyaml.engine.v2;
  requires static org.jspecify;

  exports dev.vignette.files;
  exports dev.vignette.files.yaml to
      dev.vignette.captioner,
      dev.vignette.llava;
}
