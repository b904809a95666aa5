package dev.vignette.eval;

import dev.vignette.eval.metric.MetricResult;
import java.util.List;

/**
 * The scores of one system, ready to be compared with another's on the same images.
 *
 * @param name what to call it
 * @param fingerprint what its figures depend on
 * @param images the stems of the images scored, in the order of every metric's scores
 * @param results the metrics
 */
public record SystemScores(
    String name, Fingerprint fingerprint, List<String> images, List<MetricResult> results) {

  public SystemScores {
    images = List.copyOf(images);
    results = List.copyOf(results);
  }

  /** The scores of a report. */
  public static SystemScores of(String name, EvalReport report) {
    return new SystemScores(
        name,
        report.fingerprint(),
        report.images().stream().map(image -> image.image().stem()).toList(),
        report.figures().stream().map(MetricFigure::result).toList());
  }
}
