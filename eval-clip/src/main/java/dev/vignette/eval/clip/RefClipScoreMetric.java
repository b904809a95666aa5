package dev.vignette.eval.clip;

import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.MetricInput;
import dev.vignette.eval.MetricScores;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import java.util.List;

/** RefCLIPScore, of what {@link ClipTextScorer} scored. */
public final class RefClipScoreMetric implements CaptionMetric {
  static final String FIGURE = "RefCLIPScore";

  @Override
  public String name() {
    return "refclipscore";
  }

  @Override
  public String description() {
    return "CLIPScore and the likeness to the best reference, by CLIP; needs --images and --clip";
  }

  @Override
  public List<String> figures() {
    return List.of(FIGURE);
  }

  @Override
  public Sight sight() {
    return Sight.IMAGE_AND_REFERENCES;
  }

  @Override
  public MetricScores score(MetricInput input) {
    return MetricScores.of(List.of(new MeanResult(FIGURE, input.imageScores().refClip())));
  }
}
