/** Files that appear whole, and that two processes may share. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.files {
  requires transitive org.snakeyaml.engine.v2;
  requires static org.jspecify;

  exports dev.vignette.files to
      dev.vignette.attention,
      dev.vignette.captioner,
      dev.vignette.captions,
      dev.vignette.eval,
      dev.vignette.eval.clip,
      dev.vignette.llama,
      dev.vignette.llava;
  exports dev.vignette.files.faults;
  exports dev.vignette.files.sentences to
      dev.vignette.captioner,
      dev.vignette.captions,
      dev.vignette.eval;
  exports dev.vignette.files.yaml to
      dev.vignette.captioner,
      dev.vignette.llava;
}
