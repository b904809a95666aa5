package dev.vignette.eval;

import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.tokenize.CaptionTokenizer;
import dev.vignette.eval.tokenize.Tokenization;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How to score.
 *
 * @param metrics what to score by, at least one; those of words come first, otherwise in the order
 *     given
 * @param tokenizer of captions and references
 * @param tokenization whether they are tokenized together or each alone
 * @param frequencies a file of document frequencies for CIDEr; without it the references count
 * @param saveFrequencies where to save the document frequencies used, if anywhere
 * @param bootstrap of the intervals
 */
public record EvalOptions(
    List<CaptionMetric> metrics,
    CaptionTokenizer tokenizer,
    Tokenization tokenization,
    Optional<Path> frequencies,
    Optional<Path> saveFrequencies,
    Bootstrap bootstrap) {

  public EvalOptions {
    if (metrics.isEmpty()) {
      throw new IllegalArgumentException("An evaluation takes at least one metric, it got none");
    }
    metrics = metrics.stream().sorted(Comparator.comparing(CaptionMetric::sight)).toList();
  }

  /** Whether a metric looks at the images. */
  public boolean needsImages() {
    return metrics.getLast().sight() != CaptionMetric.Sight.WORDS;
  }

  /** The metrics that look at words only. */
  List<CaptionMetric> ofWords() {
    return metrics.stream().filter(metric -> metric.sight() == CaptionMetric.Sight.WORDS).toList();
  }
}
