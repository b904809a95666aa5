package dev.vignette.eval;

import dev.vignette.eval.metric.Bleu;
import dev.vignette.eval.metric.BleuCounts;
import dev.vignette.eval.metric.CaptionCorpus;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.metric.DocumentFrequencies;
import dev.vignette.eval.metric.DocumentFrequencyFile;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.metric.RougeL;
import java.util.ArrayList;
import java.util.List;

/**
 * The metrics that look at words only.
 *
 * @param results a metric each, in the order CIDEr, BLEU-1 to BLEU-4, ROUGE-L
 * @param bleuCounts what BLEU counted, an image each; empty without BLEU
 * @param corpus what was scored
 * @param frequencies of CIDEr
 */
record TextFigures(
    List<MetricResult> results,
    List<BleuCounts> bleuCounts,
    CaptionCorpus corpus,
    DocumentFrequencies frequencies) {

  static TextFigures of(CaptionTokens tokens, EvalOptions options) {
    CaptionCorpus corpus = CaptionCorpus.of(tokens.candidates(), tokens.references());
    DocumentFrequencies frequencies =
        options
            .frequencies()
            .map(file -> DocumentFrequencyFile.read(file, corpus))
            .orElseGet(() -> DocumentFrequencies.of(corpus));
    List<MetricResult> results = new ArrayList<>();
    if (options.metrics().contains(MetricKind.CIDER)) {
      results.add(Cider.score(corpus, frequencies));
    }
    List<BleuCounts> counts =
        options.metrics().contains(MetricKind.BLEU) ? Bleu.count(corpus) : List.of();
    if (!counts.isEmpty()) {
      results.addAll(Bleu.results(counts));
    }
    if (options.metrics().contains(MetricKind.ROUGE)) {
      results.add(RougeL.score(corpus));
    }
    return new TextFigures(results, counts, corpus, frequencies);
  }
}
