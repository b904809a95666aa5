package dev.vignette.eval;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.metric.Bootstrap.Interval;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.DocumentFrequencies.DocumentFrequencyFile;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/**
 * Scores captions against references, and against images where a scorer is given. One that is kept
 * scores captions of the same images again without tokenizing their references again.
 */
public final class Evaluation {
  private final EvalOptions options;
  private final CaptionTokens.ReferenceTokens references;
  private final Optional<ImageSide> imageSide;

  /** How captions are held against images. */
  private record ImageSide(ImageTextScorer scorer, ImageFolder folder, boolean allowMissing) {
    ImageTextFigures figures(EvalInputs inputs, EvalOptions options) {
      return ImageTextFigures.of(inputs, options, folder, scorer, allowMissing);
    }
  }

  private Evaluation(
      EvalOptions options,
      Optional<ImageSide> imageSide,
      CaptionTokens.ReferenceTokens references) {
    this.options = options;
    this.imageSide = imageSide;
    this.references = references;
  }

  /** An evaluation by the words only. */
  public Evaluation(EvalOptions options) {
    this(options, Optional.empty(), new KnownReferences(options.tokenizer()));
  }

  /**
   * An evaluation by the words and by the images.
   *
   * @param scorer which stays the caller's, to close
   * @param allowMissing whether images that cannot be read are left out and noted, not refused
   */
  public Evaluation(
      EvalOptions options, ImageTextScorer scorer, ImageFolder folder, boolean allowMissing) {
    this(
        options,
        Optional.of(new ImageSide(scorer, folder, allowMissing)),
        new KnownReferences(options.tokenizer()));
  }

  /** Scores by the words only. */
  public static EvalReport of(EvalInputs inputs, EvalOptions options) {
    return once(options, Optional.empty()).report(inputs);
  }

  /**
   * Scores by the words and by the images.
   *
   * @param allowMissing whether images that cannot be read are left out and noted, not refused
   * @throws dev.vignette.files.faults.MalformedDataException when images cannot be read, all named
   */
  public static EvalReport of(
      EvalInputs inputs,
      EvalOptions options,
      ImageTextScorer scorer,
      ImageFolder folder,
      boolean allowMissing) {
    return once(options, Optional.of(new ImageSide(scorer, folder, allowMissing))).report(inputs);
  }

  /** One that is asked once, and so remembers no references. */
  private static Evaluation once(EvalOptions options, Optional<ImageSide> imageSide) {
    CaptionTokenizer tokenizer = options.tokenizer();
    return new Evaluation(
        options, imageSide, (texts, mode) -> CaptionTokens.Tokenized.of(texts, tokenizer, mode));
  }

  /**
   * The tokens as asked for, and in the other way.
   *
   * @param otherwise empty where they are the same
   */
  private record BothTokens(CaptionTokens asked, Optional<CaptionCorpus> otherwise) {}

  /**
   * Scores by the metrics alone, as {@link #report} does, without what it says beside them:
   * intervals, notes and how the figures would be by the other tokenization.
   *
   * @return the metrics in the order of the report's figures
   * @throws dev.vignette.files.faults.MalformedDataException when images cannot be read, all named
   */
  public List<MetricResult> results(EvalInputs inputs) {
    ImageTextFigures imageFigures = imageFigures(inputs);
    CaptionTokens tokens = tokens(imageFigures.images(), options.tokenization());
    return results(scores(options.metrics(), input(imageFigures, tokens.corpus())));
  }

  /**
   * Scores, with all that a reader of the figures should know.
   *
   * @throws dev.vignette.files.faults.MalformedDataException when images cannot be read, all named
   */
  public EvalReport report(EvalInputs inputs) {
    ImageTextFigures imageFigures = imageFigures(inputs);
    BothTokens tokens = bothTokens(imageFigures.images());
    // One after the other, as each takes a table of all n-grams.
    List<MetricScores> scores = savedScores(input(imageFigures, tokens.asked().corpus()));
    List<MetricResult> otherwise =
        tokens
            .otherwise()
            .map(corpus -> results(scores(options.ofWords(), input(imageFigures, corpus))))
            .orElse(List.of());
    List<String> notes = new ArrayList<>(inputs.notes());
    notes.addAll(tokens.asked().notes());
    notes.addAll(imageFigures.notes());
    scores.forEach(each -> notes.addAll(each.notes()));
    return new EvalReport(
        fingerprint(scores, imageFigures).with(inputs.fingerprint().facts()),
        options.tokenization(),
        figures(results(scores), otherwise),
        imageFigures.images(),
        notes);
  }

  private ImageTextFigures imageFigures(EvalInputs inputs) {
    return imageSide
        .map(side -> side.figures(inputs, options))
        .orElseGet(() -> ImageTextFigures.none(inputs.images()));
  }

  private CaptionTokens tokens(List<ScoredImage> images, Tokenization mode) {
    return CaptionTokens.of(images, options.tokenizer(), mode, references);
  }

  private BothTokens bothTokens(List<ScoredImage> images) {
    Tokenization other = options.tokenization().other();
    CompletableFuture<CaptionTokens> otherTokens =
        CompletableFuture.supplyAsync(() -> tokens(images, other));
    CaptionTokens asked = tokens(images, options.tokenization());
    CaptionCorpus otherwise = Awaited.result(otherTokens).corpus();
    return new BothTokens(
        asked, asked.corpus().sameWords(otherwise) ? Optional.empty() : Optional.of(otherwise));
  }

  private MetricInput input(ImageTextFigures imageFigures, CaptionCorpus corpus) {
    return new MetricInput(imageFigures, corpus, options.frequencies());
  }

  /** Scores all metrics, and saves the document frequencies where that was asked for. */
  private List<MetricScores> savedScores(MetricInput input) {
    options
        .saveFrequencies()
        .ifPresent(file -> DocumentFrequencyFile.write(file, input.frequencies()));
    return scores(options.metrics(), input);
  }

  private static List<MetricScores> scores(List<CaptionMetric> metrics, MetricInput input) {
    return metrics.stream().map(metric -> checked(metric, metric.score(input), input)).toList();
  }

  /** What a metric found, which may be anybody's, if it is what the metric promised. */
  private static MetricScores checked(
      CaptionMetric metric, MetricScores scores, MetricInput input) {
    List<String> names = scores.results().stream().map(MetricResult::name).toList();
    if (!names.equals(metric.figures())) {
      throw new IllegalStateException(
          "The metric %s gives the figures %s, but says that they are %s. Mend the metric, or leave it out with --metrics."
              .formatted(metric.name(), names, metric.figures()));
    }
    int images = input.images().size();
    for (MetricResult result : scores.results()) {
      if (result.size() != images) {
        throw new IllegalStateException(
            "The metric %s gives %s of %d images, but %d are scored. Mend the metric, or leave it out with --metrics."
                .formatted(metric.name(), result.name(), result.size(), images));
      }
    }
    return scores;
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

  private Fingerprint fingerprint(List<MetricScores> scores, ImageTextFigures imageFigures) {
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("tokenizer", options.tokenizer().name());
    facts.put("tokenization", options.tokenization().toString());
    scores.forEach(each -> facts.putAll(each.facts()));
    facts.putAll(imageFigures.fingerprint());
    facts.put("images", String.valueOf(imageFigures.images().size()));
    facts.put(
        "bootstrap", "seed " + options.bootstrap().seed() + " x" + options.bootstrap().resamples());
    return new Fingerprint(facts);
  }
}
