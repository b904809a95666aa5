package dev.vignette.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.metric.PairedDifference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Systems on the same images, the best first, each compared with the best.
 *
 * @param metric the one that decides which is best: CIDEr, where it was computed
 * @param systems the best first, at least one
 */
public record Ranking(String metric, List<RankedSystem> systems) {

  public Ranking {
    systems = List.copyOf(systems);
    if (systems.isEmpty()) {
      throw new IllegalArgumentException("A ranking has at least one system, it got none");
    }
  }

  /**
   * Ranks systems; of two that are equal the first given comes first.
   *
   * @param reports by the system's name
   * @throws UsageException when their figures cannot be compared; the message says why
   */
  public static Ranking of(SequencedMap<String, EvalReport> reports, Bootstrap bootstrap) {
    String metric = decisive(reports.firstEntry().getValue());
    List<Map.Entry<String, EvalReport>> order = new ArrayList<>(reports.entrySet());
    order.sort(
        Comparator.comparingDouble(
                (Map.Entry<String, EvalReport> system) -> corpus(system.getValue(), metric))
            .reversed());
    List<Map<String, PairedDifference>> differences = differences(order, bootstrap);
    List<RankedSystem> ranked = new ArrayList<>();
    for (int place = 0; place < order.size(); place++) {
      ranked.add(
          RankedSystem.of(
              order.get(place).getKey(), order.get(place).getValue(), differences.get(place)));
    }
    return new Ranking(metric, ranked);
  }

  private static String decisive(EvalReport report) {
    return report
        .figure(Cider.NAME)
        .map(MetricFigure::name)
        .orElse(report.figures().getFirst().name());
  }

  private static double corpus(EvalReport report, String metric) {
    return report.figure(metric).map(MetricFigure::corpus).orElse(Double.NEGATIVE_INFINITY);
  }

  /** By place: the differences from the best by metric; none for the best. */
  private static List<Map<String, PairedDifference>> differences(
      List<Map.Entry<String, EvalReport>> order, Bootstrap bootstrap) {
    List<Map<String, PairedDifference>> differences = new ArrayList<>();
    differences.add(Map.of());
    if (order.size() == 1) {
      return differences;
    }
    SystemComparison comparison =
        SystemComparison.of(
            order.stream()
                .map(system -> SystemScores.of(system.getKey(), system.getValue()))
                .toList(),
            bootstrap);
    for (List<PairedDifference> ofSystem : comparison.differences()) {
      Map<String, PairedDifference> byMetric = new LinkedHashMap<>();
      for (int m = 0; m < comparison.metrics().size(); m++) {
        byMetric.put(comparison.metrics().get(m), ofSystem.get(m));
      }
      differences.add(byMetric);
    }
    return differences;
  }

  /** What the figures of all systems depend on. */
  public Fingerprint fingerprint() {
    SequencedMap<String, String> facts =
        new LinkedHashMap<>(systems.getFirst().report().fingerprint().facts());
    facts.remove("predictions");
    return new Fingerprint(facts);
  }

  /** How many images each system was scored on. */
  public int images() {
    return systems.getFirst().report().images().size();
  }
}
