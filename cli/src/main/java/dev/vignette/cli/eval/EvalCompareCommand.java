package dev.vignette.cli.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.Evaluation;
import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.SystemComparison;
import dev.vignette.eval.report.ComparisonTable;
import dev.vignette.eval.report.ScoresFile;
import dev.vignette.files.FileStem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

/** {@code vignette eval compare}: systems on the same images, by paired bootstrap. */
@Command(
    name = "compare",
    description =
        "Compares systems on the same images: each with the first, difference with 95%% interval and p-value.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette eval compare greedy-report.json beams-report.json",
      "  vignette eval compare greedy.json beams.json --annotations val.json"
    })
final class EvalCompareCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*", // for --metrics list
      paramLabel = "FILE",
      description =
          "Two or more: reports that vignette eval --json wrote, or predictions with --annotations.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = {"--annotations", "--annotation_file"},
      paramLabel = "FILE",
      description = "The references, where predictions are compared.")
  private @Nullable Path annotations;

  @Option(
      names = "--split",
      split = ",",
      paramLabel = "NAME",
      description =
          "Only the images of these splits, where the references name splits: test of Karpathy's dataset_coco.json, in-domain of NoCaps'.")
  private List<String> splits = new ArrayList<>();

  @Option(
      names = "--allow-missing",
      description = "Scores what matches in predictions and annotations, instead of stopping.")
  private boolean allowMissing;

  @Mixin private ScoringArguments scoring = new ScoringArguments();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    if (scoring.listed(command.getOut())) {
      return 0;
    }
    if (files.size() < 2) {
      throw new ParameterException(
          command,
          "vignette eval compare takes two files or more, reports or predictions, but has %d"
              .formatted(files.size()));
    }
    List<SystemScores> systems = new ArrayList<>();
    for (Path file : files) {
      systems.add(scores(file));
    }
    SystemComparison comparison = SystemComparison.of(systems, scoring.bootstrap());
    command.getOut().print(ComparisonTable.of(comparison));
    command.getOut().flush();
    return 0;
  }

  private SystemScores scores(Path file) {
    if (ScoresFile.isReport(file)) {
      return ScoresFile.read(file, name(file));
    }
    if (annotations == null) {
      throw new UsageException(
          "%s is no report of vignette eval --json; to compare predictions, name their references with --annotations"
              .formatted(file));
    }
    EvalOptions options = scoring.toOptions(false, null);
    EvalInputs inputs = EvalInputs.read(file, annotations, splits, allowMissing);
    return SystemScores.of(name(file), Evaluation.of(inputs, options));
  }

  /** The stem, or the path where two files share a stem. */
  private String name(Path file) {
    Set<String> stems = new HashSet<>();
    boolean unique = files.stream().allMatch(other -> stems.add(FileStem.of(other)));
    return unique ? FileStem.of(file) : file.toString();
  }
}
