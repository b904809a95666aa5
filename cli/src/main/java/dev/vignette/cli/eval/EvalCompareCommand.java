package dev.vignette.cli.eval;

import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.CommonImages;
import dev.vignette.eval.EvalOptions;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.Evaluation;
import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.SystemComparison;
import dev.vignette.eval.report.ComparisonTable;
import dev.vignette.eval.report.ScoresFile;
import dev.vignette.files.FileStem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
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
import picocli.CommandLine.ParseResult;
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
      "  vignette eval compare greedy.json beams.json --annotations val.json",
      "  vignette eval compare greedy.json beams.json --annotations val.json --allow-missing"
    })
final class EvalCompareCommand implements Callable<Integer> {
  /** The options that say how predictions are scored. */
  private static final List<String> FOR_PREDICTIONS =
      List.of(
          "--annotations",
          "--split",
          "--allow-missing",
          "--tokenization",
          "--tokenizer",
          "--cider-df");

  @Parameters(
      arity = "0..*", // for --metrics list
      paramLabel = "FILE",
      description =
          "Two or more: reports that vignette eval --json wrote, or predictions with --annotations.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = {"--annotations", "--annotation_file"},
      paramLabel = "FILE",
      description = "The references, where predictions are compared; reports hold their figures.")
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
      description =
          "Compares predictions over the images that all of them caption, and says what was left out, instead of stopping.")
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
    SystemComparison comparison = SystemComparison.of(systems(command), scoring.bootstrap());
    command.getOut().print(ComparisonTable.of(comparison));
    command.getOut().flush();
    return 0;
  }

  /** The systems in the order of the files. */
  private List<SystemScores> systems(CommandLine command) {
    List<Path> predictions = files.stream().filter(file -> !ScoresFile.isReport(file)).toList();
    if (predictions.isEmpty()) {
      requireEffective(command.getParseResult());
    }
    Iterator<SystemScores> scored = scored(predictions, command.getErr()).iterator();
    List<SystemScores> systems = new ArrayList<>();
    for (Path file : files) {
      systems.add(
          predictions.contains(file)
              ? scored.next()
              : scoring.only(ScoresFile.read(file, name(file)), file));
    }
    return systems;
  }

  /** Refuses options that change nothing about reports. */
  private static void requireEffective(ParseResult given) {
    List<String> idle = FOR_PREDICTIONS.stream().filter(given::hasMatchedOption).toList();
    if (!idle.isEmpty()) {
      throw new UsageException(
          "Reports hold figures that are computed already, so that %s would change nothing. Leave %s out, or name the predictions instead of their reports."
              .formatted(String.join(", ", idle), idle.size() == 1 ? "it" : "them"));
    }
  }

  private List<SystemScores> scored(List<Path> predictions, PrintWriter err) {
    if (predictions.isEmpty()) {
      return List.of();
    }
    if (annotations == null) {
      throw new UsageException(
          "%s is no report of vignette eval --json; to compare predictions, name their references with --annotations"
              .formatted(predictions.getFirst()));
    }
    EvalOptions options = scoring.toOptions(false, null);
    CommonImages common = CommonImages.read(predictions, annotations, splits, allowMissing);
    List<SystemScores> scored = new ArrayList<>();
    for (Path file : predictions) {
      EvalReport report = Evaluation.of(common.inputs().get(scored.size()), options);
      report.notes().forEach(note -> err.println("note: " + file + ": " + note));
      scored.add(SystemScores.of(name(file), report));
    }
    if (common.leftOut()) {
      err.println(
          "note: Compared are the %d images that all have."
              .formatted(scored.getFirst().images().size()));
    }
    err.flush();
    return scored;
  }

  /** The stem, or the path where two files share a stem. */
  private String name(Path file) {
    Set<String> stems = new HashSet<>();
    boolean unique = files.stream().allMatch(other -> stems.add(FileStem.of(other)));
    return unique ? FileStem.of(file) : file.toString();
  }
}
