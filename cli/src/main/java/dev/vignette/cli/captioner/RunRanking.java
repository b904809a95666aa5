package dev.vignette.cli.captioner;

import dev.vignette.captioner.compare.RunComparison;
import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.cli.eval.Scoring;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.Ranking;
import dev.vignette.eval.report.RankingJson;
import dev.vignette.eval.report.RankingTable;
import dev.vignette.eval.report.RankingTable.Column;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;

/**
 * Training runs, scored by the captions of their best epochs.
 *
 * @param comparison the runs
 * @param ranking the best first
 */
public record RunRanking(RunComparison comparison, Ranking ranking) {

  /** Scores runs and ranks them; notes on the figures go to {@code err}. */
  public static RunRanking of(RunComparison comparison, Scoring scoring, PrintWriter err) {
    Path root = comparison.runs().firstEntry().getValue().folder().root();
    return new RunRanking(
        comparison, scoring.rank(comparison.inputs(), new ImageFolder(root), err));
  }

  /** The run of a name that the ranking has. */
  public TrainedRun run(String name) {
    return Objects.requireNonNull(comparison.runs().get(name), name);
  }

  /** The table for the standard output. */
  String text() {
    List<Column> before = new ArrayList<>();
    comparison.differences().forEach((setting, values) -> before.add(new Column(setting, values)));
    before.add(column("parameters", run -> String.format(Locale.ROOT, "%,d", run.parameters())));
    before.add(column("best epoch, from 0", run -> run.bestEpoch() + " of " + run.epochs()));
    List<Column> after =
        List.of(
            column("training s", run -> String.format(Locale.ROOT, "%.1f", run.trainSeconds())));
    return RankingTable.of(ranking, "run", before, after).plain();
  }

  private Column column(String title, Function<TrainedRun, String> cell) {
    Map<String, String> cells = new LinkedHashMap<>();
    comparison.runs().forEach((name, run) -> cells.put(name, cell.apply(run)));
    return new Column(title, cells);
  }

  /** Writes everything as JSON, whole or not at all. */
  public void write(Path file) {
    Map<String, Map<String, String>> differences = comparison.differences();
    RankingJson.write(
        file,
        ranking,
        _ -> {},
        (out, name) -> {
          out.writeObjectPropertyStart("settings_that_differ");
          differences.forEach((setting, values) ->
              out.writeStringProperty(setting, values.getOrDefault(name, "-")));
          out.writeEndObject();
          describe(out, run(name));
        });
  }

  private static void describe(JsonGenerator out, TrainedRun run) {
    out.writeStringProperty("folder", run.folder().root().toString());
    out.writeNumberProperty("parameters", run.parameters());
    out.writeNumberProperty("best_epoch", run.bestEpoch());
    out.writeNumberProperty("epochs", run.epochs());
    out.writeNumberProperty("training_seconds", run.trainSeconds());
  }
}
