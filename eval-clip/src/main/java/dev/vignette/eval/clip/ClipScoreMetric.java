package dev.vignette.eval.clip;

import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.MetricInput;
import dev.vignette.eval.MetricScores;
import dev.vignette.eval.metric.MetricResult.MeanResult;
import java.util.List;

/** CLIPScore, of what {@link ClipTextScorer} scored. */
public final class ClipScoreMetric implements CaptionMetric {
  static final String FIGURE = "CLIPScore";

  @Override
  public String name() {
    return "clipscore";
  }

  @Override
  public String description() {
    return "how well the caption goes with the image, by CLIP; needs --images and --clip";
  }

  @Override
  public List<String> figures() {
    return List.of(FIGURE);
  }

  @Override
  public Sight sight() {
    return Sight.IMAGE;
  }

  @Override
  public MetricScores score(MetricInput input) {
    return MetricScores.of(List.of(new MeanResult(FIGURE, input.imageScores().clip())));
  }
}
