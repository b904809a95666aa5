package dev.vignette.cli.captioner;

import dev.vignette.captioner.compare.RunComparison;
import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.eval.RankingArguments;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.Ranking;
import dev.vignette.eval.report.RankingJson;
import dev.vignette.eval.report.RankingTable;
import dev.vignette.eval.report.RankingTable.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;

/** {@code vignette captioner compare}: training runs and what their settings did. */
@Command(
    name = "compare",
    description =
        "Compares training runs by the captions of their best epochs: the settings that differ,"
            + " figures with intervals, differences from the best run.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Example:",
      "  vignette captioner compare runs/rank8 runs/rank16 runs/rank64 --json runs.json"
    })
final class CaptionerCompareCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "RUN",
      description = "Folders that captioner train made: runs/NAME.")
  private List<Path> folders = new ArrayList<>();

  @Mixin private RankingArguments scoring = new RankingArguments();

  @Option(names = "--json", paramLabel = "FILE", description = "Also write everything as JSON.")
  private @Nullable Path json;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    if (scoring.listed(command.getOut())) {
      return 0;
    }
    if (json != null) {
      requireOutside(json);
    }
    RunComparison comparison = RunComparison.read(folders);
    TrainedRun first = comparison.runs().firstEntry().getValue();
    Optional<Path> clip = first.validation().clip().filter(Files::isDirectory);
    scoring.require(clip);
    Ranking ranking =
        scoring.rank(
            comparison.inputs(), new ImageFolder(first.folder().root()), clip, command.getErr());
    if (json != null) {
      write(json, comparison, ranking);
    }
    command
        .getOut()
        .print(RankingTable.of(ranking, "run", before(comparison), after(comparison)).plain());
    command.getOut().flush();
    return 0;
  }

  /** What a run left is not written over. */
  private void requireOutside(Path file) throws IOException {
    for (Path folder : folders) {
      if (Files.exists(file)
          && Files.exists(folder)
          && file.toRealPath().startsWith(folder.toRealPath())) {
        throw new UsageException(
            "--json is a file of its own, but %s belongs to the run %s. Give another name."
                .formatted(file, folder));
      }
    }
  }

  private static List<Column> before(RunComparison comparison) {
    List<Column> columns = new ArrayList<>();
    comparison.differences().forEach((setting, values) -> columns.add(new Column(setting, values)));
    columns.add(
        column(
            comparison, "parameters", run -> String.format(Locale.ROOT, "%,d", run.parameters())));
    columns.add(
        column(comparison, "best epoch, from 0", run -> run.bestEpoch() + " of " + run.epochs()));
    return columns;
  }

  private static List<Column> after(RunComparison comparison) {
    return List.of(
        column(
            comparison,
            "training s",
            run -> String.format(Locale.ROOT, "%.1f", run.trainSeconds())));
  }

  private static Column column(
      RunComparison comparison, String title, Function<TrainedRun, String> cell) {
    Map<String, String> cells = new LinkedHashMap<>();
    comparison.runs().forEach((name, run) -> cells.put(name, cell.apply(run)));
    return new Column(title, cells);
  }

  private static void write(Path file, RunComparison comparison, Ranking ranking) {
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
          describe(out, Objects.requireNonNull(comparison.runs().get(name)));
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
