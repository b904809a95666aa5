package dev.vignette.cli.report;

import dev.vignette.captioner.compare.RunComparison;
import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.RunResult;
import dev.vignette.cli.captioner.RunRanking;
import dev.vignette.cli.eval.Scoring;
import dev.vignette.cli.llava.BatchChoice;
import dev.vignette.cli.llava.ComparisonReport;
import dev.vignette.cli.llava.LlavaComparison;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.eval.CaptionMetric;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.EvalReport;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.MetricCatalog;
import dev.vignette.eval.Ranking.RankedSystem;
import dev.vignette.eval.Ranking.SystemScores;
import dev.vignette.eval.metric.MetricResult;
import dev.vignette.eval.report.JsonReport;
import dev.vignette.files.OutputFolder;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.llava.compare.PromptsFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The figures of a report: what {@code llava compare}, {@code captioner compare} and {@code eval}
 * compute and write. It stays in the report's folder, so that a report that is made again captions
 * nothing twice.
 */
final class ReportSteps {
  private final ReportConfig config;
  private final LlavaOptions model;
  private final Path output;
  private final PrintWriter err;
  private final Scoring scoring;
  private String step = "";

  ReportSteps(ReportConfig config, LlavaOptions model, Path output, PrintWriter err) {
    this.config = config;
    this.model = model;
    this.output = output;
    this.err = err;
    this.scoring = Scoring.by(MetricCatalog.installed().all(), config.data().clip());
  }

  /** How the steps ended. */
  sealed interface ReportOutcome {}

  /**
   * All have their results.
   *
   * @param instructions the best instruction with its config
   * @param runs the best training run; empty if there are none
   * @param captioning has listed the images that were left out, if any
   */
  record Complete(
      Best<ComparisonReport> instructions, Optional<Best<RunRanking>> runs, RunResult captioning)
      implements ReportOutcome {}

  /** The captioning stopped, was interrupted or made no captions; it has said why. */
  record Stopped(String step, RunResult captioning) implements ReportOutcome {}

  /** A step failed, and has not said why. */
  record Failed(String step, Exception failure) implements ReportOutcome {}

  /**
   * The best captions of one kind of captioner.
   *
   * @param comparison of all settings or runs
   * @param system the best of them
   * @param predictions its captions, by file stem
   * @param images the images, in the order of {@code clipScores}
   * @param clipScores an image each
   */
  record Best<C>(
      C comparison,
      RankedSystem system,
      Predictions predictions,
      List<String> images,
      MetricResult clipScores) {

    String name() {
      return system.name();
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

    /** Empty for an image that was not scored, such as one without references. */
    OptionalDouble clipScore(String stem) {
      int found = images.indexOf(stem);
      return found < 0 ? OptionalDouble.empty() : OptionalDouble.of(clipScores.image(found));
    }
  }

  /**
   * Captions, compares and scores. What an earlier run wrote is not taken for a result: each step
   * deletes it, once all that the step reads has been read.
   */
  ReportOutcome run() {
    try {
      Path llava = output.resolve("llava");
      begin("llava compare");
      LlavaComparison comparison = comparison(llava);
      return switch (comparison.run(err)) {
        case LlavaComparison.Unranked(RunResult captioning) -> new Stopped(step, captioning);
        case LlavaComparison.Ranked(RunResult captioning, ComparisonReport report) -> {
          try (InterruptGuard _ = InterruptGuard.endingAtOnce(err, "the captions are kept")) {
            RankedSystem first = report.ranking().systems().getFirst();
            Path captions = llava.resolve(first.name() + ".json");
            Best<ComparisonReport> best = best(report, first, captions, llava);
            yield new Complete(best, compareRuns(), captioning);
          }
        }
      };
    } catch (IOException | RuntimeException e) {
      return new Failed(step, e);
    }
  }

  /** Says which step begins. */
  private void begin(String name) {
    step = name;
    err.println("report: " + name);
    err.flush();
  }

  private LlavaComparison comparison(Path folder) throws IOException {
    Optional<Path> named = config.llava().prompts();
    PromptsFile prompts =
        named.isPresent() ? PromptsFile.read(named.get()) : PromptsFile.byDefault();
    List<CaptionSetting> settings = prompts.settings();
    ReportConfig.Data data = config.data();
    ImageInputs inputs =
        ImageInputs.find(List.of(data.images().toString()), List.of(), KeyMode.STEM);
    List<Path> read =
        named.map(file -> List.of(data.annotations(), file)).orElse(List.of(data.annotations()));
    RunOutput.Saved files = LlavaComparison.files(folder, settings, KeyMode.STEM, inputs, read);
    LlavaOptions options =
        prompts
            .template()
            .map(model::withTemplate)
            .orElse(model)
            .withRoomFor(settings.stream().map(CaptionSetting::config).toList());
    DeviceRequest device = options.load().device();
    BatchPlan batches = BatchChoice.untried(options, device, settings, inputs.images().size());
    return new LlavaComparison(
        settings,
        new LlavaComparison.Model(options, List.of(device), batches),
        new RunPlan(inputs, files, RunSettings.defaults(), false),
        new LlavaComparison.Place(folder, data.annotations()),
        scoring);
  }

  /** Compares the training runs; empty if there are none. */
  private Optional<Best<RunRanking>> compareRuns() throws IOException {
    if (config.runs().isEmpty()) {
      return Optional.empty();
    }
    Path folder = OutputFolder.make(output.resolve("captioner"));
    Path json = folder.resolve("comparison.json");
    begin("captioner compare");
    List<Path> folders = config.runs().stream().map(Path::normalize).toList();
    RunComparison runs = RunComparison.read(folders);
    Files.deleteIfExists(json);
    RunRanking ranking = RunRanking.of(runs, scoring, err);
    ranking.write(json);
    RankedSystem first = ranking.ranking().systems().getFirst();
    Path captions = ranking.run(first.name()).bestCaptions();
    return Optional.of(best(ranking, first, captions, folder));
  }

  /** Scores the best captions by CLIP on the report's images. */
  private <C> Best<C> best(C comparison, RankedSystem first, Path captions, Path folder)
      throws IOException {
    Path json = folder.resolve("best-scores.json");
    begin("eval");
    Files.deleteIfExists(json);
    ReportConfig.Data data = config.data();
    List<CaptionMetric> clipScore = MetricCatalog.installed().named(List.of("clipscore"));
    EvalReport report =
        Scoring.by(clipScore, data.clip())
            .score(
                EvalInputs.read(captions, data.annotations(), true),
                new ImageFolder(data.images()),
                true);
    Scoring.sayNotes(List.of(report), err);
    JsonReport.write(json, report);
    SystemScores scores = SystemScores.of(first.name(), report);
    return new Best<>(
        comparison,
        first,
        Predictions.read(captions),
        scores.images(),
        scores.results().getFirst());
  }
}
