package dev.vignette.captioner.train;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.Predictions;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.eval.Evaluation;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.eval.MetricCatalog;
import dev.vignette.eval.clip.ClipTextScorerProvider;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a run is validated by, scored as {@code vignette eval} does with strict tokenization: {@code
 * cider}, {@code bleu-1} to {@code bleu-4} and {@code rouge-l}, and {@code clipscore} when a CLIP
 * is configured. References are tokenized once a run; the images are embedded once and remembered
 * beside the encoder's features.
 */
public final class ValidationScorer implements CaptionScorer, AutoCloseable {
  /** Of intervals, which a validation has none of. */
  private static final Bootstrap UNUSED = new Bootstrap(0, 100);

  private final Optional<ImageTextScorer> clip;
  private final Evaluation evaluation;

  private ValidationScorer(Optional<ImageTextScorer> clip) {
    this.clip = clip;
    List<String> metrics = new ArrayList<>(List.of("cider", "bleu", "rouge"));
    clip.ifPresent(scorer -> metrics.add("clipscore"));
    EvalOptions options =
        new EvalOptions(
            MetricCatalog.installed().named(metrics),
            CaptionTokenizer.own(),
            Tokenization.STRICT,
            Optional.empty(),
            Optional.empty(),
            UNUSED);
    evaluation =
        clip.map(scorer -> new Evaluation(options, scorer, new ImageFolder(Path.of("")), false))
            .orElseGet(() -> new Evaluation(options));
  }

  /** Opens what a configuration asks for. */
  public static ValidationScorer open(TrainConfig config) {
    Path cache = config.encoder().cache();
    return new ValidationScorer(
        config
            .validation()
            .clip()
            .map(folder -> ClipTextScorerProvider.open(new ClipRequest(folder, "", false), cache)));
  }

  @Override
  public SequencedMap<String, Double> score(Predictions predictions, Truth truth) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    for (MetricResult result : evaluation.results(inputs(predictions, truth))) {
      scores.put(result.name().toLowerCase(Locale.ROOT), result.corpus());
    }
    return scores;
  }

  private static EvalInputs inputs(Predictions predictions, Truth truth) {
    List<ScoredImage> images = new ArrayList<>();
    truth
        .references()
        .forEach((stem, references) -> {
          Path file = truth.images().getOrDefault(stem, Path.of(stem)).toAbsolutePath();
          images.add(
              new ScoredImage(
                  new CocoCaptions.Image(stem, file.toString(), stem, references),
                  stem,
                  images.size(),
                  predictions.caption(stem).orElse("")));
        });
    return new EvalInputs(images, List.of(), new Fingerprint(new LinkedHashMap<>()));
  }

  @Override
  public List<String> metrics() {
    List<String> names =
        new ArrayList<>(List.of("cider", "bleu-1", "bleu-2", "bleu-3", "bleu-4", "rouge-l"));
    clip.ifPresent(scorer -> names.add("clipscore"));
    return names;
  }

  @Override
  public void close() {
    clip.ifPresent(ImageTextScorer::close);
  }
}
