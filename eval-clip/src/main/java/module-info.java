/** CLIPScore: the part of the evaluation that needs PyTorch. */
@SuppressWarnings("module") // those it exports to are compiled after it
module dev.vignette.eval.clip {
  requires transitive dev.vignette.eval;
  requires dev.vignette.files;
  requires dev.vignette.images;
  requires dev.vignette.torch;
  requires static org.jspecify;

  exports dev.vignette.eval.clip to
      dev.vignette.captioner;

  provides dev.vignette.eval.CaptionMetric with
      dev.vignette.eval.clip.ClipScoreMetric,
      dev.vignette.eval.clip.RefClipScoreMetric;
  provides dev.vignette.eval.ImageTextScorerProvider with
      dev.vignette.eval.clip.ClipTextScorerProvider;
}
