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

  private EvalReport report() {
    List<ScoredImage> images = imageFigures.images();
    Tokenization other = options.tokenization().other();
    CompletableFuture<CaptionTokens> otherTokens =
        CompletableFuture.supplyAsync(() -> CaptionTokens.of(images, options.tokenizer(), other));
    CaptionTokens tokens = CaptionTokens.of(images, options.tokenizer(), options.tokenization());
    TextFigures text = TextFigures.of(tokens, options);
    options
        .saveFrequencies()
        .ifPresent(file -> DocumentFrequencyFile.write(file, text.corpus(), text.frequencies()));
    List<MetricResult> results = new ArrayList<>(text.results());
    results.addAll(imageFigures.results());
    List<MetricResult> otherwise =
        tokens.sameLines(otherTokens.join())
            ? List.of()
            : TextFigures.of(otherTokens.join(), options).results();
    List<String> notes = new ArrayList<>(inputs.notes());
    notes.addAll(tokens.notes());
    notes.addAll(imageFigures.notes());
    ciderNote(text).ifPresent(notes::add);
    return new EvalReport(
        fingerprint(text),
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

  private Fingerprint fingerprint(TextFigures text) {
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
    return new Fingerprint(facts).with(inputs.fingerprint().facts());
  }
}
