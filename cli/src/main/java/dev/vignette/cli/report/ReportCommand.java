package dev.vignette.cli.report;

import dev.vignette.attention.AttentionOutputs;
import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.AttendingVitGpt2;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captioner.train.RunFolder;
import dev.vignette.captions.run.RunResult;
import dev.vignette.cli.captioner.RunRanking;
import dev.vignette.cli.llava.ComparisonReport;
import dev.vignette.cli.llava.LlavaComparison;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.MarkedPng;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llava.AttendingLlava;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette report}: everything about the captioners of some images on one page. */
@Command(
    name = "report",
    description = {
      "Compares instructions and training runs on images with references, and shows what the words looked at:",
      "one HTML page, and Markdown with pictures. Run again, captions that are there are kept."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Example:", "  vignette report --config models/mini/report.yaml"})
public final class ReportCommand implements Callable<Integer> {
  private static final int MOST_TOKENS = 256;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The report's YAML file; paths in it are relative to its folder.")
  private Path file = Path.of("report.yaml");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = "report",
      description =
          "Where index.html, report.md and everything else go (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("report");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    ReportConfig config = ReportConfig.read(file);
    config.requireSense();
    AttentionOutputs.requireText();
    ReportFolder.requireFree(output, config);
    try (ProcessLock _ = OutputFolder.take(output, ReportFolder.PAGE);
        ProcessLock _ = LlavaComparison.hold(output.resolve(ReportFolder.LLAVA))) {
      return run(config, command);
    }
  }

  private int run(ReportConfig config, CommandLine command) throws Exception {
    LlamaRuntime.setLogLevel(System.Logger.Level.OFF);
    LlavaOptions model = model(config);
    PrintWriter err = command.getErr();
    return switch (new ReportSteps(config, model, output, err).run()) {
      case ReportSteps.Complete figures -> {
        try (InterruptGuard _ = InterruptGuard.endingAtOnce(err, "the captions are kept")) {
          write(report(config, model, figures, err));
        }
        command.getOut().println(output.resolve(ReportFolder.PAGE));
        command.getOut().flush();
        yield figures.captioning().exitCode();
      }
      case ReportSteps.Stopped(String step, RunResult captioning) ->
          unfinished(step, captioning.exitCode(), err);
      case ReportSteps.Failed(String step, Exception failure) ->
          unfinished(
              step,
              command
                  .getExecutionExceptionHandler()
                  .handleExecutionException(failure, command, command.getParseResult()),
              err);
    };
  }

  private static int unfinished(String step, int exitCode, PrintWriter err) {
    err.println(
        "vignette: the report needs %s, which ended without a result (%d, see above); nothing of an earlier one is shown"
            .formatted(step, exitCode));
    err.flush();
    return exitCode;
  }

  private void write(Report report) throws IOException {
    MarkdownReport.write(output.resolve("report.md"), report);
    HtmlReport.write(output.resolve(ReportFolder.PAGE), output, report);
  }

  private Report report(
      ReportConfig config, LlavaOptions model, ReportSteps.Complete figures, PrintWriter err)
      throws IOException {
    List<Report.Section> sections = new ArrayList<>();
    sections.add(ReportSections.instructions(figures.instructions()));
    Optional<ReportSteps.Best<RunRanking>> runs = figures.runs();
    if (runs.isPresent()) {
      sections.add(ReportSections.runs(runs.get(), curves(runs.get())));
    }
    err.println("report: attention");
    err.flush();
    List<ExhibitMaker.Speaker> speakers = new ArrayList<>();
    String instruction = instruction(figures.instructions());
    try (AttendingLlava llava = AttendingLlava.open(model, instruction, reading())) {
      speakers.add(
          new ExhibitMaker.Speaker(
              ReportFolder.LLAVA,
              llava,
              figures.instructions(),
              Map.of("instruction", instruction)));
      if (runs.isEmpty()) {
        addAttention(config, speakers, sections);
      } else {
        try (AttendingVitGpt2 captioner = captioner(runs.get())) {
          captioner
              .warnings()
              .forEach(warning -> err.println("Warning: " + FailureText.printable(warning)));
          speakers.add(
              new ExhibitMaker.Speaker(
                  ReportFolder.CAPTIONER, captioner, runs.get(), Map.of("run", runs.get().name())));
          addAttention(config, speakers, sections);
        }
      }
    }
    return new Report(config.title(), sections);
  }

  private void addAttention(
      ReportConfig config, List<ExhibitMaker.Speaker> speakers, List<Report.Section> sections) {
    ExhibitMaker maker = new ExhibitMaker(output, config.data(), speakers);
    if (!config.attended().isEmpty()) {
      sections.add(ReportSections.attention(config.attended().stream().map(maker::of).toList()));
    }
    sections.add(ReportSections.extremes(maker.extremes()));
  }

  private static String instruction(ReportSteps.Best<ComparisonReport> best) {
    return best.comparison().setting(best.name()).instruction();
  }

  /** Captions are given, so the configuration only says how long they may be. */
  private static GenerationConfig reading() {
    return GenerationConfig.builder().maxNewTokens(MOST_TOKENS).build();
  }

  private static LlavaOptions model(ReportConfig config) {
    return config
        .llava()
        .model()
        .map(files -> LlavaOptions.of(files.model(), files.projector()))
        .orElseGet(() -> {
          EmbeddedModel embedded = EmbeddedModel.find();
          return LlavaOptions.of(embedded.languageModel(), embedded.projector());
        });
  }

  private static AttendingVitGpt2 captioner(ReportSteps.Best<RunRanking> best) throws IOException {
    Path adapter = run(best).best();
    return new AttendingVitGpt2(
        VitGpt2Captioner.load(adapter, AdapterFolder.Origin.read(adapter), reading()));
  }

  private static RunFolder run(ReportSteps.Best<RunRanking> best) {
    return best.comparison().run(best.name()).folder();
  }

  /** The best run's curves, copied beside the report; none if it has no such PNG. */
  private List<Report.Picture> curves(ReportSteps.Best<RunRanking> best) throws IOException {
    Path from = run(best).curves();
    byte[] png = Files.isRegularFile(from) ? Files.readAllBytes(from) : new byte[0];
    if (!MarkedPng.isPng(png)) {
      return List.of();
    }
    MarkedPng.write(output.resolve(ReportFolder.CURVES), png);
    return List.of(
        new Report.Picture("Loss, rate and scores of the run " + best.name(), ReportFolder.CURVES));
  }
}
