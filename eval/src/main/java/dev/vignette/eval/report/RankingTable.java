package dev.vignette.eval.report;

import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.Ranking;
import dev.vignette.eval.Ranking.RankedSystem;
import dev.vignette.eval.metric.Bootstrap.Interval;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A ranking as tables of texts. */
public final class RankingTable {
  /** BLEU-4 stands for them in the short table. */
  private static final Set<String> LEFT_OUT = Set.of("BLEU-1", "BLEU-2", "BLEU-3");

  private static final String NONE = "-";

  private RankingTable() {}

  /**
   * A column beside the figures.
   *
   * @param title its title
   * @param cells by the name of the system; a dash where there is none
   */
  public record Column(String title, Map<String, String> cells) {
    /** Copies the cells. */
    public Column {
      cells = Map.copyOf(cells);
    }

    private String of(RankedSystem system) {
      return cells.getOrDefault(system.name(), NONE);
    }
  }

  /**
   * A line a system: the decisive metric with its interval, the difference from the best with its
   * interval and p-value, the other metrics, words a caption and distinct captions.
   *
   * @param what the systems are, such as {@code setting}
   * @param before columns after the names
   * @param after columns at the end
   */
  public static TextGrid of(Ranking ranking, String what, List<Column> before, List<Column> after) {
    List<String> others = otherMetrics(ranking);
    List<String> header = new ArrayList<>(List.of(what));
    before.forEach(column -> header.add(column.title()));
    header.addAll(List.of(ranking.metric(), "95% interval", "from the best", "95% interval", "p"));
    header.addAll(others);
    header.addAll(List.of("words", "distinct"));
    after.forEach(column -> header.add(column.title()));
    List<List<String>> rows = new ArrayList<>();
    for (RankedSystem system : ranking.systems()) {
      List<String> row = new ArrayList<>(List.of(system.name()));
      before.forEach(column -> row.add(column.of(system)));
      row.addAll(decisive(system, ranking.metric()));
      others.forEach(metric -> row.add(figure(system, metric)));
      row.add(format("%.1f", system.meanWords()));
      row.add(Integer.toString(system.distinct()));
      after.forEach(column -> row.add(column.of(system)));
      rows.add(row);
    }
    return new TextGrid(header, rows);
  }

  /** A line a system and metric: all figures with intervals, won, lost and tied images. */
  public static TextGrid everyMetric(Ranking ranking, String what) {
    List<List<String>> rows = new ArrayList<>();
    for (RankedSystem system : ranking.systems()) {
      for (MetricFigure figure : system.report().figures()) {
        List<String> row = new ArrayList<>(List.of(system.name(), figure.name()));
        row.addAll(decisive(system, figure.name()));
        PairedDifference difference = system.fromBest().get(figure.name());
        row.add(
            difference == null
                ? NONE
                : "%d / %d / %d".formatted(difference.won(), difference.lost(), difference.tied()));
        rows.add(row);
      }
    }
    return new TextGrid(
        List.of(
            what,
            "metric",
            "figure",
            "95% interval",
            "from the best",
            "95% interval",
            "p",
            "won / lost / tied"),
        rows);
  }

  private static List<String> otherMetrics(Ranking ranking) {
    return ranking.systems().getFirst().report().figures().stream()
        .map(MetricFigure::name)
        .filter(name -> !name.equals(ranking.metric()) && !LEFT_OUT.contains(name))
        .toList();
  }

  private static List<String> decisive(RankedSystem system, String metric) {
    List<String> cells = new ArrayList<>(List.of(figure(system, metric)));
    cells.add(
        system
            .report()
            .figure(metric)
            .map(found -> interval(found.interval(), "%.4f"))
            .orElse(NONE));
    PairedDifference difference = system.fromBest().get(metric);
    if (difference == null) {
      cells.addAll(List.of(NONE, NONE, NONE));
    } else {
      cells.add(format("%+.4f", difference.difference()));
      cells.add(interval(difference.interval(), "%+.4f"));
      cells.add(format("%.4f", difference.pValue()));
    }
    return cells;
  }

  private static String figure(RankedSystem system, String metric) {
    return system.report().figure(metric).map(found -> format("%.4f", found.corpus())).orElse(NONE);
  }

  private static String interval(Interval interval, String number) {
    return "[" + format(number, interval.low()) + ", " + format(number, interval.high()) + "]";
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
