package dev.vignette.eval;

import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.DocumentFrequencies;
import dev.vignette.eval.metric.DocumentFrequencies.DocumentFrequencyFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What metrics score, made once for all of them. Not for several threads. */
public final class MetricInput {
  private final ImageTextFigures images;
  private final CaptionCorpus corpus;
  private final Optional<Path> frequencyFile;
  private @Nullable DocumentFrequencies frequencies;

  MetricInput(ImageTextFigures images, CaptionCorpus corpus, Optional<Path> frequencyFile) {
    this.images = images;
    this.corpus = corpus;
    this.frequencyFile = frequencyFile;
  }

  /** The images that are scored, with their captions and references as written. */
  public List<ScoredImage> images() {
    return images.images();
  }

  /**
   * The files of the images, in the same order; none if no metric that was asked for needs them.
   */
  public List<Path> files() {
    return images.files();
  }

  /** The captions and references as words, in the same order. */
  public CaptionCorpus corpus() {
    return corpus;
  }

  /** In how many images each n-gram occurs; counted, or read, when it is first asked for. */
  public DocumentFrequencies frequencies() {
    if (frequencies == null) {
      frequencies =
          frequencyFile
              .map(file -> DocumentFrequencyFile.read(file, corpus))
              .orElseGet(() -> DocumentFrequencies.of(corpus));
    }
    return frequencies;
  }

  /** Where {@link #frequencies} come from, for the fingerprint. */
  public String frequencySource() {
    return frequencyFile.map(file -> "file " + EvalInputs.hash(file)).orElse("corpus");
  }

  /**
   * How well captions go with images, in the same order.
   *
   * @throws IllegalStateException when no scorer of images was given
   */
  public ImageTextScorer.Scores imageScores() {
    return images
        .scores()
        .orElseThrow(() ->
            new IllegalStateException(
                "A metric that looks at images needs a scorer of images; give one to Evaluation.of"));
  }
}
