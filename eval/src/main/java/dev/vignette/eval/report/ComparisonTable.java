package dev.vignette.eval.report;

import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.SystemComparison;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;

/** A comparison of systems as lines of text. */
public final class ComparisonTable {
  private ComparisonTable() {}

  /** The systems, then for each but the first a line a metric. */
  public static String of(SystemComparison comparison) {
    StringBuilder text = new StringBuilder();
    systems(comparison, text);
    for (int other = 0; other < comparison.others().size(); other++) {
      SystemScores system = comparison.others().get(other);
      text.append(
          "%n%s against %s, %d images%n"
              .formatted(system.name(), comparison.base().name(), system.images().size()));
      text.append(
          "%-14s%12s   %-20s %8s   %s%n"
              .formatted("metric", "difference", "95% interval", "p", "won / lost / tied"));
      for (int m = 0; m < comparison.metrics().size(); m++) {
        text.append(line(comparison.metrics().get(m), comparison.differences().get(other).get(m)));
      }
    }
    return text.toString();
  }

  private static void systems(SystemComparison comparison, StringBuilder text) {
    text.append("%-24s".formatted("system"));
    comparison.metrics().forEach(metric -> text.append("%14s".formatted(metric)));
    text.append(System.lineSeparator());
    row(comparison.base(), comparison, text);
    comparison.others().forEach(system -> row(system, comparison, text));
  }

  private static void row(SystemScores system, SystemComparison comparison, StringBuilder text) {
    text.append("%-24s".formatted(system.name()));
    for (String metric : comparison.metrics()) {
      text.append("%14.4f".formatted(SystemComparison.corpus(system, metric)));
    }
    text.append(System.lineSeparator());
  }

  private static String line(String metric, PairedDifference difference) {
    return "%-14s%+12.4f   %-20s %8.4f   %d / %d / %d%n"
        .formatted(
            metric,
            difference.difference(),
            "[%+.4f, %+.4f]".formatted(difference.interval().low(), difference.interval().high()),
            difference.pValue(),
            difference.won(),
            difference.lost(),
            difference.tied());
  }
}
