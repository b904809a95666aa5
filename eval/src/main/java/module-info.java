/** Evaluation of captions: metrics, intervals, comparison, localization of attention, pages. */
module dev.vignette.eval {
  requires transitive dev.vignette.attention;
  requires transitive dev.vignette.captions;
  requires dev.vignette.files;
  requires dev.vignette.images;
  requires java.desktop;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.vignette.eval;
  exports dev.vignette.eval.metric;
  exports dev.vignette.eval.tokenize;

  uses dev.vignette.eval.CaptionMetric;
  uses dev.vignette.eval.ImageTextScorerProvider;

  provides dev.vignette.eval.CaptionMetric with
      dev.vignette.eval.builtin.CiderMetric,
      dev.vignette.eval.builtin.BleuMetric,
      dev.vignette.eval.builtin.RougeMetric;
}
