package dev.vignette.eval;

import dev.vignette.eval.metric.Interval;
import dev.vignette.eval.metric.MetricResult;
import java.util.OptionalDouble;

/**
 * A metric with its corpus figure.
 *
 * @param result the metric, over all images
 * @param corpus its corpus figure
 * @param interval 95% interval of the corpus figure
 * @param otherwise the corpus figure by the other tokenization, where that is another
 */
public record MetricFigure(
    MetricResult result, double corpus, Interval interval, OptionalDouble otherwise) {

  /** Its name. */
  public String name() {
    return result.name();
  }
}
