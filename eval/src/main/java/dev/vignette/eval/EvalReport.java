package dev.vignette.eval;

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
 * @param bleuCounts what BLEU counted, an image each; empty without BLEU
 * @param notes what a reader of the figures should know; whole sentences
 */
public record EvalReport(
    Fingerprint fingerprint,
    Tokenization tokenization,
    List<MetricFigure> figures,
    List<ScoredImage> images,
    List<BleuCounts> bleuCounts,
    List<String> notes) {

  public EvalReport {
    figures = List.copyOf(figures);
    images = List.copyOf(images);
    bleuCounts = List.copyOf(bleuCounts);
    notes = List.copyOf(notes);
  }

  /** The figure of a metric by name, if it was asked for. */
  public Optional<MetricFigure> figure(String name) {
    return figures.stream().filter(figure -> figure.name().equals(name)).findFirst();
  }
}
