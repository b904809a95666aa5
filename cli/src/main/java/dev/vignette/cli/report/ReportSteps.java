package dev.vignette.cli.report;

import dev.vignette.captioner.train.TrainedRun;
import dev.vignette.captions.Predictions;
import dev.vignette.cli.captioner.CaptionerCommand;
import dev.vignette.cli.eval.EvalCommand;
import dev.vignette.cli.llava.LlavaCommand;
import dev.vignette.eval.SystemScores;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.report.ScoresFile;
import dev.vignette.files.TextFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The figures of a report, by the commands that a user would give: {@code llava compare}, {@code
 * captioner compare} and {@code eval}. What they write stays in the report's folder, so that a
 * report that is made again captions nothing twice.
 */
final class ReportSteps {
  static final int SOME_IMAGES_FAILED = 1;

  private final ReportConfig config;
  private final Path output;
  private final PrintWriter err;
  private final IExecutionExceptionHandler failures;
  private boolean someFailed;

  ReportSteps(
      ReportConfig config, Path output, PrintWriter err, IExecutionExceptionHandler failures) {
    this.config = config;
    this.output = output;
    this.err = err;
    this.failures = failures;
  }

  /**
   * The best captions of one kind of captioner.
   *
   * @param comparison all settings or runs, the best first, as {@code vignette_compare} JSON
   * @param name the best one's
   * @param predictions its captions, by file stem
   * @param images the images, in the order of {@code clipScores}
   * @param clipScores an image each
   */
  record Best(
      JsonNode comparison,
      String name,
      Predictions predictions,
      List<String> images,
      MetricResult clipScores) {

    JsonNode system() {
      return comparison.required("systems").required(0);
    }

    /** The stem of the image with the highest CLIPScore, or with the lowest. */
    String extreme(boolean highest) {
      int found = 0;
      for (int i = 1; i < images.size(); i++) {
        double difference = clipScores.image(i) - clipScores.image(found);
        if (highest ? difference > 0 : difference < 0) {
          found = i;
        }
      }
      return images.get(found);
    }

    double clipScore(String stem) {
      return clipScores.image(images.indexOf(stem));
    }
  }

  /** Captions by every instruction and config, and compares. */
  Best compareInstructions() throws IOException {
    Path folder = output.resolve("llava");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "compare",
                config.data().images().toString(),
                "--annotations=" + config.data().annotations(),
                "--clip=" + config.data().clip(),
                "--output=" + folder));
    config.llava().prompts().ifPresent(file -> arguments.add("--prompts=" + file));
    config
        .llava()
        .model()
        .ifPresent(files -> {
          arguments.add("--model=" + files.model());
          arguments.add("--mmproj=" + files.projector());
        });
    Path json = folder.resolve("comparison.json");
    run("llava compare", new LlavaCommand(), arguments, json);
    JsonNode comparison = read(json);
    String best = comparison.required("systems").required(0).required("name").asString();
    return best(comparison, best, folder.resolve(best + ".json"), folder);
  }

  /** Compares the training runs; empty if there are none. */
  Optional<Best> compareRuns() throws IOException {
    if (config.runs().isEmpty()) {
      return Optional.empty();
    }
    Path folder = Files.createDirectories(output.resolve("captioner"));
    Path json = folder.resolve("comparison.json");
    List<String> arguments = new ArrayList<>(List.of("compare"));
    config.runs().forEach(run -> arguments.add(run.normalize().toString()));
    arguments.add("--clip=" + config.data().clip());
    arguments.add("--json=" + json);
    run("captioner compare", new CaptionerCommand(), arguments, json);
    JsonNode comparison = read(json);
    JsonNode best = comparison.required("systems").required(0);
    TrainedRun run = TrainedRun.read(Path.of(best.required("folder").asString()));
    return Optional.of(
        best(comparison, best.required("name").asString(), run.bestCaptions(), folder));
  }

  private Best best(JsonNode comparison, String name, Path predictions, Path folder)
      throws IOException {
    Path scores = folder.resolve("best-scores.json");
    run(
        "eval",
        new EvalCommand(),
        List.of(
            "--predictions=" + predictions,
            "--annotations=" + config.data().annotations(),
            "--images=" + config.data().images(),
            "--clip=" + config.data().clip(),
            "--metrics=clipscore",
            "--allow-missing",
            "--json=" + scores),
        scores);
    SystemScores system = ScoresFile.read(scores, name);
    return new Best(
        comparison,
        name,
        Predictions.read(predictions),
        system.images(),
        system.results().getFirst());
  }

  /** Whether a step left out images that could not be captioned; it has listed them. */
  boolean someFailed() {
    return someFailed;
  }

  /**
   * Runs a command that writes {@code result}; what an earlier run wrote there is not taken for it.
   */
  private void run(String name, Object command, List<String> arguments, Path result)
      throws IOException {
    err.println("report: " + name);
    err.flush();
    Files.deleteIfExists(result);
    int code =
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(failures)
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(err)
            .execute(arguments.toArray(String[]::new));
    boolean written = Files.isRegularFile(result);
    if (written && code == SOME_IMAGES_FAILED) {
      someFailed = true;
    } else if (!written || code != ExitCode.OK) {
      throw new CommandFailedException(name, code == ExitCode.OK ? SOME_IMAGES_FAILED : code);
    }
  }

  private static JsonNode read(Path file) throws IOException {
    return JsonMapper.shared().readTree(TextFile.read(file));
  }
}
