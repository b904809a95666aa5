package dev.vignette.cli.report;

import dev.vignette.attention.AttentionOutputs;
import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.AttendingVitGpt2;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captioner.train.RunFolder;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.llava.AttendingLlava;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
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
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    ReportConfig config = ReportConfig.read(file);
    config.requireSense();
    AttentionOutputs.requireText();
    ReportFolder.requireFree(output);
    Files.createDirectories(output);
    ReportSteps steps =
        new ReportSteps(config, output, command.getErr(), command.getExecutionExceptionHandler());
    try {
      ReportSteps.Best instructions = steps.compareInstructions();
      Optional<ReportSteps.Best> runs = steps.compareRuns();
      write(report(config, instructions, runs, command.getErr()));
    } catch (CommandFailedException e) {
      command.getErr().println("vignette: " + e.getMessage());
      return e.exitCode();
    }
    command.getOut().println(output.resolve("index.html"));
    command.getOut().flush();
    return steps.someFailed() ? ReportSteps.SOME_IMAGES_FAILED : ExitCode.OK;
  }

  private void write(Report report) throws IOException {
    MarkdownReport.write(output.resolve("report.md"), report);
    HtmlReport.write(output.resolve("index.html"), output, report);
  }

  private Report report(
      ReportConfig config,
      ReportSteps.Best instructions,
      Optional<ReportSteps.Best> runs,
      PrintWriter err)
      throws IOException {
    List<Report.Section> sections = new ArrayList<>();
    sections.add(ReportSections.instructions(instructions));
    if (runs.isPresent()) {
      sections.add(ReportSections.runs(runs.get(), curves(runs.get())));
    }
    err.println("report: attention");
    err.flush();
    List<ExhibitMaker.Speaker> speakers = new ArrayList<>();
    try (AttendingLlava llava = llava(config, instructions)) {
      speakers.add(
          new ExhibitMaker.Speaker(
              "llava", llava, instructions, Map.of("instruction", instruction(instructions))));
      if (runs.isEmpty()) {
        addAttention(config, speakers, sections);
      } else {
        try (AttendingVitGpt2 captioner = captioner(runs.get())) {
          speakers.add(
              new ExhibitMaker.Speaker(
                  "captioner", captioner, runs.get(), Map.of("run", runs.get().name())));
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

  private static String instruction(ReportSteps.Best best) {
    return best.system().required("instruction").asString();
  }

  /** Captions are given, so the configuration only says how long they may be. */
  private static GenerationConfig reading() {
    return GenerationConfig.builder().maxNewTokens(MOST_TOKENS).build();
  }

  private static AttendingLlava llava(ReportConfig config, ReportSteps.Best best) {
    LlavaOptions options =
        config
            .llava()
            .model()
            .map(files -> LlavaOptions.of(files.model(), files.projector()))
            .orElseGet(() -> {
              EmbeddedModel embedded = EmbeddedModel.find();
              return LlavaOptions.of(embedded.languageModel(), embedded.projector());
            });
    return AttendingLlava.open(options, instruction(best), reading());
  }

  private static AttendingVitGpt2 captioner(ReportSteps.Best best) throws IOException {
    Path adapter = run(best).best();
    return new AttendingVitGpt2(
        VitGpt2Captioner.load(adapter, AdapterFolder.Origin.read(adapter), reading()));
  }

  private static RunFolder run(ReportSteps.Best best) {
    return new RunFolder(Path.of(best.system().required("folder").asString()));
  }

  /** The best run's curves, copied beside the report; none if it has none. */
  private List<Report.Picture> curves(ReportSteps.Best best) throws IOException {
    Path from = run(best).curves();
    if (!Files.isRegularFile(from)) {
      return List.of();
    }
    Path name = Path.of("captioner", "curves.png");
    Files.copy(from, output.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    return List.of(new Report.Picture("Loss, rate and scores of the run " + best.name(), name));
  }
}
