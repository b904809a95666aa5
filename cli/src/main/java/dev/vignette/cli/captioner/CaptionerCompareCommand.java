package dev.vignette.cli.captioner;

import dev.vignette.captioner.compare.RunComparison;
import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.eval.RankingArguments;
import dev.vignette.cli.eval.Scoring;
import dev.vignette.cli.run.DistinctOutputs;
import dev.vignette.cli.run.OwnedFiles;
import dev.vignette.eval.report.RankingJson;
import dev.vignette.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
      arity = "0..*", // for --metrics list
      paramLabel = "RUN",
      description = "One or more folders that captioner train made: runs/NAME.")
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
    if (folders.isEmpty()) {
      throw new ParameterException(
          command, "vignette captioner compare takes a RUN or more: folders of captioner train");
    }
    if (json != null) {
      new DistinctOutputs().add("--json", json);
      requireOutside(json);
      OwnedFiles.requireNamed("--json", json, RankingJson::isFree);
    }
    RunComparison comparison = RunComparison.read(folders);
    TrainedRun first = comparison.runs().firstEntry().getValue();
    Scoring how = scoring.toScoring(first.validation().clip().filter(Files::isDirectory));
    RunRanking ranking = RunRanking.of(comparison, how, command.getErr());
    if (json != null) {
      ranking.write(json);
    }
    command.getOut().print(ranking.text());
    command.getOut().flush();
    return 0;
  }

  /** What a run left is not written over, and nothing is put among it. */
  private void requireOutside(Path file) throws IOException {
    Path parent = AtomicFile.behindLinks(file).resolveSibling("");
    if (!Files.exists(parent)) {
      return; // who writes it says so
    }
    Path real = parent.toRealPath();
    for (Path folder : folders) {
      if (Files.exists(folder) && real.startsWith(folder.toRealPath())) {
        throw new UsageException(
            "--json is a file of its own, but %s would belong to the run %s. Give another place."
                .formatted(file, folder));
      }
    }
  }
}
