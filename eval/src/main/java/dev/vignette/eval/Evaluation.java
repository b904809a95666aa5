package dev.vignette.eval;

import dev.vignette.eval.metric.Cider;
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

/**
 * Scores captions against references, and against images where a scorer is given. One that is kept
 * scores captions of the same images again without tokenizing their references again.
 */
public final class Evaluation {
  private final EvalOptions options;
  private final KnownReferences references;
  private final Optional<ImageSide> imageSide;

  /** How captions are held against images. */
  private record ImageSide(ImageTextScorer scorer, ImageFolder folder, boolean allowMissing) {
    ImageTextFigures figures(EvalInputs inputs, EvalOptions options) {
      return ImageTextFigures.of(inputs, options, folder, scorer, allowMissing);
    }
  }

  private Evaluation(EvalOptions options, Optional<ImageSide> imageSide) {
    this.options = options;
    this.references = new KnownReferences(options.tokenizer());
    this.imageSide = imageSide;
  }

  /** An evaluation by the words only. */
  public Evaluation(EvalOptions options) {
    this(options, Optional.empty());
  }

  /**
   * An evaluation by the words and by the images.
   *
   * @param scorer which stays the caller's, to close
   * @param allowMissing whether images that cannot be read are left out and noted, not refused
   */
  public Evaluation(
      EvalOptions options, ImageTextScorer scorer, ImageFolder folder, boolean allowMissing) {
    this(options, Optional.of(new ImageSide(scorer, folder, allowMissing)));
  }

  /** Scores by the words only. */
  public static EvalReport of(EvalInputs inputs, EvalOptions options) {
    return new Evaluation(options).report(inputs);
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
    return new Evaluation(options, scorer, folder, allowMissing).report(inputs);
  }

  /**
   * Scores by the metrics alone, as {@link #report} does, without what it says beside them:
   * intervals, notes and how the figures would be by the other tokenization.
   *
   * @return the metrics in the order of the report's figures
   * @throws dev.vignette.files.MalformedDataException when images cannot be read, all named
   */
  public List<MetricResult> results(EvalInputs inputs) {
    ImageTextFigures imageFigures = imageFigures(inputs);
    CaptionTokens tokens = tokens(imageFigures.images(), options.tokenization());
    return together(TextFigures.of(tokens, options), imageFigures);
  }

  private ImageTextFigures imageFigures(EvalInputs inputs) {
    return imageSide
        .map(side -> side.figures(inputs, options))
        .orElseGet(() -> ImageTextFigures.none(inputs.images()));
  }

  private CaptionTokens tokens(List<ScoredImage> images, Tokenization mode) {
    return CaptionTokens.of(images, options.tokenizer(), mode, references);
  }

  private static List<MetricResult> together(TextFigures text, ImageTextFigures ofImages) {
    List<MetricResult> results = new ArrayList<>(text.results());
    results.addAll(ofImages.results());
    return results;
  }

  /**
   * Scores, with all that a reader of the figures should know.
   *
   * @throws dev.vignette.files.MalformedDataException when images cannot be read, all named
   */
  public EvalReport report(EvalInputs inputs) {
    ImageTextFigures imageFigures = imageFigures(inputs);
    List<ScoredImage> images = imageFigures.images();
    Tokenization other = options.tokenization().other();
    CompletableFuture<CaptionTokens> otherTokens =
        CompletableFuture.supplyAsync(() -> tokens(images, other));
    CaptionTokens tokens = tokens(images, options.tokenization());
    TextFigures text = TextFigures.of(tokens, options);
    options
        .saveFrequencies()
        .ifPresent(file -> DocumentFrequencyFile.write(file, text.corpus(), text.frequencies()));
    List<MetricResult> results = together(text, imageFigures);
    List<MetricResult> otherwise =
        tokens.sameLines(otherTokens.join())
            ? List.of()
            : TextFigures.of(otherTokens.join(), options).results();
    List<String> notes = new ArrayList<>(inputs.notes());
    notes.addAll(tokens.notes());
    notes.addAll(imageFigures.notes());
    ciderNote(text).ifPresent(notes::add);
    return new EvalReport(
        fingerprint(text, imageFigures).with(inputs.fingerprint().facts()),
        options.tokenization(),
        figures(results, otherwise),
        images,
        text.bleuCounts(),
        notes);
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

  private static Optional<String> ciderNote(TextFigures text) {
    boolean zero =
        text.results().stream()
            .anyMatch(result -> result.name().equals(Cider.NAME) && result.corpus() == 0);
    if (!zero) {
      return Optional.empty();
    }
    return Optional.of(
        text.frequencies().documents() == 1
            ? "CIDEr is 0 because there is one image only: what is in the references of every image weighs nothing. Give document frequencies of more images with --cider-df FILE."
            : "CIDEr is 0: no caption shares words with its references other than those that are in the references of every image.");
  }

  private Fingerprint fingerprint(TextFigures text, ImageTextFigures imageFigures) {
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("tokenizer", options.tokenizer().name());
    facts.put("tokenization", options.tokenization().toString());
    if (options.metrics().contains(MetricKind.CIDER)) {
      String source =
          options.frequencies().map(file -> "file " + EvalInputs.hash(file)).orElse("corpus");
      facts.put("CIDEr-D df", source + " N=" + text.frequencies().documents());
    }
    facts.putAll(imageFigures.fingerprint());
    facts.put("images", String.valueOf(imageFigures.images().size()));
    facts.put(
        "bootstrap", "seed " + options.bootstrap().seed() + " x" + options.bootstrap().resamples());
    return new Fingerprint(facts);
  }
}
