package dev.vignette.cli.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.Evaluation;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.ImageTextScorer;
import dev.vignette.eval.ImageTextScorer.ClipRequest;
import dev.vignette.eval.ImageTextScorerProvider;
import dev.vignette.eval.Ranking;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.DocumentFrequencies.DocumentFrequencyFile;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import dev.vignette.files.sentences.FailureText;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.ServiceLoader;

/**
 * How captions are scored, and by which CLIP where a metric looks at images.
 *
 * @param options metrics and their settings
 * @param clip the CLIP; there is one where a metric needs it
 */
public record Scoring(EvalOptions options, Optional<ClipRequest> clip) {
  static final long SEED = 42;
  static final int RESAMPLES = 1000;

  /**
   * Checks, before any work, that a CLIP that is needed is there, and that it and document
   * frequencies are what they should be.
   *
   * @throws UsageException if not
   * @throws IllegalArgumentException if the folder holds no CLIP
   * @throws dev.vignette.files.faults.MalformedDataException if the file holds no frequencies
   */
  public Scoring {
    options.frequencies().ifPresent(DocumentFrequencyFile::check);
    if (options.needsImages()) {
      Path folder =
          clip.map(ClipRequest::model)
              .orElseThrow(() ->
                  new UsageException(
                      "clipscore and refclipscore need a model: give a CLIP directory with --clip, or leave them out of --metrics"));
      if (!Files.isDirectory(folder)) {
        throw new UsageException(
            "--clip names a Hugging Face CLIP directory, and there is no folder %s. Check the path."
                .formatted(folder));
      }
      provider().check(clip.get());
    }
  }

  /** By some metrics, as {@code vignette eval} scores by default. */
  public static Scoring by(List<CaptionMetric> metrics, Path clip) {
    return new Scoring(
        new EvalOptions(
            metrics,
            CaptionTokenizer.own(),
            Tokenization.COMPAT,
            Optional.empty(),
            Optional.empty(),
            new Bootstrap(SEED, RESAMPLES)),
        Optional.of(new ClipRequest(clip, "", false)));
  }

  /**
   * Scores systems on the same images and ranks them. Notes on the figures go to {@code err}, each
   * once.
   *
   * @param systems what is scored, by name
   * @param images where the images are
   */
  public Ranking rank(
      SequencedMap<String, EvalInputs> systems, ImageFolder images, PrintWriter err) {
    SequencedMap<String, EvalReport> reports = new LinkedHashMap<>();
    if (options.needsImages()) {
      try (ImageTextScorer scorer = open()) {
        systems.forEach((name, inputs) ->
            reports.put(name, Evaluation.of(inputs, options, scorer, images, false)));
      }
    } else {
      systems.forEach((name, inputs) -> reports.put(name, Evaluation.of(inputs, options)));
    }
    sayNotes(reports.values(), err);
    return Ranking.of(reports, options.bootstrap());
  }

  /**
   * Scores one system by metrics that look at images.
   *
   * @param images where the images are
   * @param allowMissing whether images that are not there are left out and noted, not refused
   */
  public EvalReport score(EvalInputs inputs, ImageFolder images, boolean allowMissing) {
    try (ImageTextScorer scorer = open()) {
      return Evaluation.of(inputs, options, scorer, images, allowMissing);
    }
  }

  /** Says what a reader of the figures should know, each note once. */
  public static void sayNotes(Collection<EvalReport> reports, PrintWriter err) {
    SequencedSet<String> notes = new LinkedHashSet<>();
    reports.forEach(report -> notes.addAll(report.notes()));
    notes.forEach(note -> err.println("note: " + FailureText.printable(note)));
    err.flush();
  }

  private ImageTextScorer open() {
    return provider().open(clip.orElseThrow());
  }

  private static ImageTextScorerProvider provider() {
    return ServiceLoader.load(ImageTextScorerProvider.class)
        .findFirst()
        .orElseThrow(() ->
            new UsageException(
                "--clip needs a scorer of images and texts, and none is on the class path: use a Vignette that was built with one"));
  }
}
