package dev.vignette.eval.builtin;

import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.MetricInput;
import dev.vignette.eval.MetricScores;
import dev.vignette.eval.metric.Bleu;
import java.util.List;

/** BLEU-1 to BLEU-4, counted once. */
public final class BleuMetric implements CaptionMetric {
  @Override
  public String name() {
    return "bleu";
  }

  @Override
  public String description() {
    return "share of the n-grams that a reference has, of one to four words, with brevity penalty";
  }

  @Override
  public List<String> figures() {
    return Bleu.NAMES;
  }

  @Override
  public MetricScores score(MetricInput input) {
    return MetricScores.of(Bleu.score(input.corpus()));
  }
}
