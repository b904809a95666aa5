package dev.vignette.eval;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.metric.Bleu;
import dev.vignette.eval.metric.Bleu.BleuCounts;
import dev.vignette.eval.metric.Bootstrap.Interval;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.tokenize.Tokenization;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.stream.Collectors;

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

  /**
   * What figures depend on, so that nobody compares what cannot be compared.
   *
   * @param facts by name, in order
   */
  public record Fingerprint(SequencedMap<String, String> facts) {

    public Fingerprint {
      facts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(facts));
    }

    /** With further facts at the end. */
    public Fingerprint with(Map<String, String> more) {
      SequencedMap<String, String> all = new LinkedHashMap<>(facts);
      all.putAll(more);
      return new Fingerprint(all);
    }

    /** All facts on one line. */
    @Override
    public String toString() {
      return facts.entrySet().stream()
          .map(fact -> fact.getKey() + " " + fact.getValue())
          .collect(Collectors.joining(" | "));
    }
  }

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
}
