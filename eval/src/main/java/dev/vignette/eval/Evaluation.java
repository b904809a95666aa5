package dev.vignette.eval;

import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.DocumentFrequencyFile;
import dev.vignette.eval.metric.Interval;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.tokenize.Tokenization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/** Scores captions against references, and against images where a scorer is given. */
public final class Evaluation {
  private final EvalInputs inputs;
  private final EvalOptions options;
  private final ImageTextFigures imageFigures;

  private Evaluation(EvalInputs inputs, EvalOptions options, ImageTextFigures imageFigures) {
    this.inputs = inputs;
    this.options = options;
    this.imageFigures = imageFigures;
  }

  /** Scores by the words only. */
  public static EvalReport of(EvalInputs inputs, EvalOptions options) {
    return new Evaluation(inputs, options, ImageTextFigures.none(inputs.images())).report();
  }

  /**
   * Scores by the words and by the images.
   *
   * @param allowMissing whether images that cannot be read are left out and noted, not refused
   * @throws dev.vignette.files.MalformedDataException when images cannot be read, all named
   */
  public static EvalReport of(
      EvalInputs inputs,
      EvalOptions options,
      ImageTextScorer scorer,
      ImageFolder folder,
      boolean allowMissing) {
    ImageTextFigures figures = ImageTextFigures.of(inputs, options, folder, scorer, allowMissing);
    return new Evaluation(inputs, options, figures).report();
  }

  /**
   * The tokens as asked for, and in the other way.
   *
   * @param otherwise empty where they are the same
   */
  private record BothTokens(CaptionTokens asked, Optional<CaptionCorpus> otherwise) {
    static BothTokens of(List<ScoredImage> images, EvalOptions options) {
      Tokenization other = options.tokenization().other();
      CompletableFuture<CaptionTokens> otherTokens =
          CompletableFuture.supplyAsync(() -> CaptionTokens.of(images, options.tokenizer(), other));
      CaptionTokens asked = CaptionTokens.of(images, options.tokenizer(), options.tokenization());
      CaptionCorpus otherwise = otherTokens.join().corpus();
      return new BothTokens(
          asked,
          asked.corpus().sameWords(otherwise) ? Optional.empty() : Optional.of(otherwise));
    }
  }

  private EvalReport report() {
    BothTokens tokens = BothTokens.of(imageFigures.images(), options);
    // One after the other, as each takes a table of all n-grams.
    List<MetricScores> scores = scores(tokens.asked().corpus());
    List<MetricResult> otherwise =
        tokens
            .otherwise()
            .map(corpus -> results(scores(options.ofWords(), input(corpus))))
            .orElse(List.of());
    List<String> notes = new ArrayList<>(inputs.notes());
    notes.addAll(tokens.asked().notes());
    notes.addAll(imageFigures.notes());
    scores.forEach(each -> notes.addAll(each.notes()));
    return new EvalReport(
        fingerprint(scores),
        options.tokenization(),
        figures(results(scores), otherwise),
        imageFigures.images(),
        notes);
  }

  /** Scores all metrics, and saves the document frequencies where that was asked for. */
  private List<MetricScores> scores(CaptionCorpus corpus) {
    MetricInput input = input(corpus);
    options
        .saveFrequencies()
        .ifPresent(file -> DocumentFrequencyFile.write(file, input.frequencies()));
    return scores(options.metrics(), input);
  }

  private MetricInput input(CaptionCorpus corpus) {
    return new MetricInput(imageFigures, corpus, options.frequencies());
  }

  private static List<MetricScores> scores(List<CaptionMetric> metrics, MetricInput input) {
    return metrics.stream().map(metric -> metric.score(input)).toList();
  }

  private static List<MetricResult> results(List<MetricScores> scores) {
    return scores.stream().flatMap(each -> each.results().stream()).toList();
  }

  private List<MetricFigure> figures(List<MetricResult> results, List<MetricResult> otherwise) {
    List<Interval> intervals = options.bootstrap().intervals(results);
    List<MetricFigure> figures = new ArrayList<>();
    for (int m = 0; m < results.size(); m++) {
      double corpus = results.get(m).corpus();
      OptionalDouble other =
          m < otherwise.size() && otherwise.get(m).corpus() != corpus
              ? OptionalDouble.of(otherwise.get(m).corpus())
              : OptionalDouble.empty();
      figures.add(new MetricFigure(results.get(m), corpus, intervals.get(m), other));
    }
    return figures;
  }

  private Fingerprint fingerprint(List<MetricScores> scores) {
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("tokenizer", options.tokenizer().name());
    facts.put("tokenization", options.tokenization().toString());
    scores.forEach(each -> facts.putAll(each.facts()));
    facts.putAll(imageFigures.fingerprint());
    facts.put("images", String.valueOf(imageFigures.images().size()));
    facts.put(
        "bootstrap", "seed " + options.bootstrap().seed() + " x" + options.bootstrap().resamples());
    return new Fingerprint(facts).with(inputs.fingerprint().facts());
  }
}
