package dev.vignette.eval.builtin;

import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.MetricInput;
import dev.vignette.eval.MetricScores;
import dev.vignette.eval.metric.RougeL;
import java.util.List;

/** ROUGE-L. */
public final class RougeMetric implements CaptionMetric {
  @Override
  public String name() {
    return "rouge";
  }

  @Override
  public String description() {
    return "ROUGE-L: the longest common subsequence of words with a reference, precision and recall";
  }

  @Override
  public List<String> figures() {
    return List.of(RougeL.NAME);
  }

  @Override
  public MetricScores score(MetricInput input) {
    return MetricScores.of(List.of(RougeL.score(input.corpus())));
  }
}
