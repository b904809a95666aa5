package dev.vignette.cli.report;

import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.cli.captioner.RunRanking;
import dev.vignette.cli.llava.ComparisonReport;
import dev.vignette.eval.EvalReport.MetricFigure;
import dev.vignette.eval.Ranking.RankedSystem;
import dev.vignette.eval.metric.Bootstrap.PairedDifference;
import dev.vignette.eval.metric.Cider;
import dev.vignette.eval.report.TextGrid;
import dev.vignette.llava.CaptionSetting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Comparisons as tables, the best first. */
final class ComparisonTables {
  private static final List<String> FIGURES = List.of(Cider.NAME, "CLIPScore");
  private static final String NONE = "";

  private ComparisonTables() {}

  /** Instructions and generation settings. */
  static TextGrid ofSettings(ComparisonReport comparison) {
    List<List<String>> rows = new ArrayList<>();
    for (RankedSystem system : comparison.ranking().systems()) {
      CaptionSetting setting = comparison.setting(system.name());
      List<String> row = new ArrayList<>(List.of(setting.instruction()));
      addFigures(system, row);
      row.add(format("%.1f", system.meanWords()));
      row.add(setting.config().summary());
      rows.add(row);
    }
    List<String> header = new ArrayList<>(List.of("instruction"));
    addTitles(header);
    header.addAll(List.of("words", "generation"));
    return new TextGrid(header, rows);
  }

  /** Training runs, with the settings in which they differ. */
  static TextGrid ofRuns(RunRanking comparison) {
    SequencedMap<String, Map<String, String>> differences = comparison.comparison().differences();
    List<List<String>> rows = new ArrayList<>();
    for (RankedSystem system : comparison.ranking().systems()) {
      TrainedRun run = comparison.run(system.name());
      List<String> row = new ArrayList<>(List.of(system.name()));
      differences.values().forEach(values -> row.add(values.getOrDefault(system.name(), NONE)));
      row.add(format("%,d", run.parameters()));
      row.add(run.bestEpoch() + " of " + run.epochs());
      addFigures(system, row);
      row.add(format("%.0f", run.trainSeconds()));
      rows.add(row);
    }
    List<String> header = new ArrayList<>(List.of("run"));
    header.addAll(differences.keySet());
    header.addAll(List.of("trainable", "best epoch, from 0"));
    addTitles(header);
    header.add("training s");
    return new TextGrid(header, rows);
  }

  private static void addTitles(List<String> header) {
    for (String figure : FIGURES) {
      header.add(figure + " [95%]");
    }
    header.add("CIDEr from the best [95%]");
  }

  private static void addFigures(RankedSystem system, List<String> row) {
    for (String figure : FIGURES) {
      row.add(system.report().figure(figure).map(ComparisonTables::figure).orElse(NONE));
    }
    PairedDifference difference = system.fromBest().get(Cider.NAME);
    row.add(
        difference == null
            ? "best"
            : format(
                "%+.3f [%+.3f, %+.3f]",
                difference.difference(),
                difference.interval().low(),
                difference.interval().high()));
  }

  private static String figure(MetricFigure figure) {
    return format(
        "%.3f [%.3f, %.3f]", figure.corpus(), figure.interval().low(), figure.interval().high());
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
