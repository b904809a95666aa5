package dev.vignette.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.EvalInputs.ScoredImage;
import dev.vignette.eval.EvalReport.Fingerprint;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.metric.MetricResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;

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

  /**
   * A system with its place in a {@link Ranking}.
   *
   * @param name what to call it
   * @param report its figures
   * @param meanWords words of a caption on average, between white space
   * @param distinct how many different captions it made
   * @param fromBest how it differs from the best system, by metric; empty for the best itself
   */
  public record RankedSystem(
      String name,
      EvalReport report,
      double meanWords,
      int distinct,
      Map<String, PairedDifference> fromBest) {
    private static final Pattern SPACE = Pattern.compile("\\s+");

    public RankedSystem {
      fromBest = Collections.unmodifiableMap(new LinkedHashMap<>(fromBest));
    }

    static RankedSystem of(String name, EvalReport report, Map<String, PairedDifference> fromBest) {
      List<String> captions = report.images().stream().map(ScoredImage::caption).toList();
      Set<String> distinct = new HashSet<>(captions);
      double words = captions.stream().mapToInt(RankedSystem::words).average().orElse(0);
      return new RankedSystem(name, report, words, distinct.size(), fromBest);
    }

    private static int words(String caption) {
      return caption.isBlank() ? 0 : SPACE.split(caption.strip()).length;
    }
  }

  /**
   * The scores of one system, ready to be compared with another's on the same images.
   *
   * @param name what to call it
   * @param fingerprint what its figures depend on
   * @param images the stems of the images scored, in the order of every metric's scores
   * @param results the metrics
   */
  public record SystemScores(
      String name, Fingerprint fingerprint, List<String> images, List<MetricResult> results) {

    public SystemScores {
      images = List.copyOf(images);
      results = List.copyOf(results);
    }

    /** The scores of a report. */
    public static SystemScores of(String name, EvalReport report) {
      return new SystemScores(
          name,
          report.fingerprint(),
          report.images().stream().map(image -> image.image().stem()).toList(),
          report.figures().stream().map(MetricFigure::result).toList());
    }
  }
}
