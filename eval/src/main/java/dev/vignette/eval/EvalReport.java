package dev.vignette.eval;

import dev.vignette.eval.metric.Bleu;
import dev.vignette.eval.metric.BleuCounts;
import dev.vignette.eval.tokenize.Tokenization;
import java.util.List;
import java.util.Optional;

/**
 * What an evaluation found.
 *
 * @param fingerprint what the figures depend on
 * @param tokenization how captions were tokenized
 * @param figures the metrics
 * @param images the images scored, in the order of every metric's scores
 * @param notes what a reader of the figures should know; whole sentences
 */
public record EvalReport(
    Fingerprint fingerprint,
    Tokenization tokenization,
    List<MetricFigure> figures,
    List<ScoredImage> images,
    List<String> notes) {

  public EvalReport {
    figures = List.copyOf(figures);
    images = List.copyOf(images);
    notes = List.copyOf(notes);
  }

  /** What BLEU counted, an image each; empty without BLEU. */
  public List<BleuCounts> bleuCounts() {
    return Bleu.counts(figures.stream().map(MetricFigure::result).toList());
  }

  /** The figure of a metric by name, if it was asked for. */
  public Optional<MetricFigure> figure(String name) {
    return figures.stream().filter(figure -> figure.name().equals(name)).findFirst();
  }
}
