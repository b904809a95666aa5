package dev.vignette.eval;

import dev.vignette.eval.metric.MetricResult;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a metric found.
 *
 * @param results a result a figure, in their order, each over all images in the order of the input
 * @param facts what they depend on beside the captions, by name, for the fingerprint
 * @param notes what a reader of the figures should know, whole sentences
 */
public record MetricScores(
    List<MetricResult> results, SequencedMap<String, String> facts, List<String> notes) {

  public MetricScores {
    results = List.copyOf(results);
    facts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(facts));
    notes = List.copyOf(notes);
  }

  /** Scores that depend on nothing else, and say nothing else. */
  public static MetricScores of(List<? extends MetricResult> results) {
    return new MetricScores(List.copyOf(results), new LinkedHashMap<>(), List.of());
  }
}
