package dev.vignette.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.files.sentences.NameList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Systems on the same images, each compared with the first.
 *
 * @param base the first system
 * @param others the other systems, at least one
 * @param metrics the names of the metrics that all systems have
 * @param differences by other system, by metric
 */
public record SystemComparison(
    SystemScores base,
    List<SystemScores> others,
    List<String> metrics,
    List<List<PairedDifference>> differences) {

  /** What may differ between systems: what they said, and the draws of their own intervals. */
  private static final Set<String> FREE = Set.of("predictions", "bootstrap");

  /**
   * Compares systems.
   *
   * @throws UsageException when their figures cannot be compared; the message says why
   */
  public static SystemComparison of(List<SystemScores> systems, Bootstrap bootstrap) {
    SystemScores base = systems.getFirst();
    List<SystemScores> others = systems.subList(1, systems.size());
    List<String> metrics =
        new ArrayList<>(base.results().stream().map(MetricResult::name).toList());
    for (SystemScores other : others) {
      check(base, other);
      metrics.retainAll(other.results().stream().map(MetricResult::name).toList());
    }
    if (metrics.isEmpty()) {
      throw new UsageException(
          "The systems have no metric in common: score them with the same --metrics");
    }
    List<MetricResult> first = select(base, metrics);
    return new SystemComparison(
        base,
        others,
        metrics,
        others.stream().map(other -> bootstrap.compare(first, select(other, metrics))).toList());
  }

  /** The corpus figure of a system in a metric. */
  public static double corpus(SystemScores system, String metric) {
    return select(system, List.of(metric)).getFirst().corpus();
  }

  private static List<MetricResult> select(SystemScores system, List<String> metrics) {
    List<MetricResult> selected = new ArrayList<>();
    for (String metric : metrics) {
      system.results().stream()
          .filter(result -> result.name().equals(metric))
          .findFirst()
          .ifPresent(selected::add);
    }
    return selected;
  }

  private static void check(SystemScores base, SystemScores other) {
    checkImages(base, other);
    Set<String> facts = new TreeSet<>(base.fingerprint().facts().keySet());
    facts.addAll(other.fingerprint().facts().keySet());
    facts.removeAll(FREE);
    for (String fact : facts) {
      String here = base.fingerprint().facts().get(fact);
      String there = other.fingerprint().facts().get(fact);
      if (!Objects.equals(here, there)) {
        throw new UsageException(
            "%s and %s cannot be compared: %s is %s for one and %s for the other. Score both in the same way."
                .formatted(
                    base.name(),
                    other.name(),
                    fact,
                    here == null ? "not said" : here,
                    there == null ? "not said" : there));
      }
    }
  }

  private static void checkImages(SystemScores base, SystemScores other) {
    if (base.images().equals(other.images())) {
      return;
    }
    List<String> differing = new ArrayList<>();
    nameMissing(base, other, differing);
    nameMissing(other, base, differing);
    throw new UsageException(
        "%s and %s cannot be compared, they are about different images: %s. Score both on the same images, or compare their predictions by vignette eval compare --allow-missing."
            .formatted(
                base.name(),
                other.name(),
                differing.isEmpty() ? "in another order" : String.join("; ", differing)));
  }

  private static void nameMissing(SystemScores having, SystemScores lacking, List<String> phrases) {
    Set<String> only = new TreeSet<>(having.images());
    lacking.images().forEach(only::remove);
    if (!only.isEmpty()) {
      phrases.add(NameList.of("images of " + having.name() + " only", List.copyOf(only)));
    }
  }
}
