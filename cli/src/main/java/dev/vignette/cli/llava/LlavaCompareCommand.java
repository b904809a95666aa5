package dev.vignette.cli.llava;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.RunStatus;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.eval.RankingArguments;
import dev.vignette.cli.run.ImageArguments;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.cli.run.RunConsole;
import dev.vignette.eval.EvalInputs;
import dev.vignette.eval.ImageFolder;
import dev.vignette.eval.Ranking;
import dev.vignette.files.TextFile;
import dev.vignette.llava.BatchPlan;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EmbeddedData;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.compare.PromptsFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette llava compare}: instructions and generation settings on the same images. */
@Command(
    name = "compare",
    description = {
      "Captions images by several instructions and generation settings, scores them all, and says"
          + " how sure it is that one is better.",
      "Each image is encoded once. Run again, what is done is skipped."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette llava compare",
      "  vignette llava compare --show-prompts > prompts.yaml",
      "  vignette llava compare --prompts prompts.yaml val/ --annotations val.json --clip clip/ -m"
          + " m.gguf --mmproj p.gguf"
    })
final class LlavaCompareCommand implements Callable<Integer> {

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "A YAML file of instructions and generation configs (default: the homework's four and"
              + " public ones; see --show-prompts).")
  private @Nullable Path prompts;

  @Option(names = "--show-prompts", description = "Print the prompts file and end.")
  private boolean showPrompts;

  @Option(
      names = {"--annotations", "--annotation_file"},
      paramLabel = "FILE",
      description =
          "The references, as COCO writes them; without any images the miniature validation set's.")
  private @Nullable Path annotations;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = "compare",
      description =
          "Where the captions of each setting, comparison.md and comparison.json go (default:"
              + " ${DEFAULT-VALUE}).")
  private Path output = Path.of("compare");

  @Mixin private ImageArguments images = new ImageArguments();
  @Mixin private RankingArguments scoring = new RankingArguments();
  @Mixin private ModelArguments model = new ModelArguments();
  @Spec private @Nullable CommandSpec spec;

  /** What is captioned and scored. */
  private record Data(ImageInputs inputs, Path annotations, Optional<Path> clip) {}

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    if (showPrompts) {
      command.getOut().print(prompts == null ? PromptsFile.defaultText() : TextFile.read(prompts));
      command.getOut().flush();
      return 0;
    }
    PromptsFile file = prompts == null ? PromptsFile.byDefault() : PromptsFile.read(prompts);
    LlavaOptions options =
        model.toOptions(
            file.settings().stream().map(CaptionSetting::config).toList(), file.template());
    Optional<BatchPlan> tried = OwnProcess.triedPlan();
    if (tried.isPresent()) {
      return model.warmUp(options, file.settings(), tried.get());
    }
    Data data = data();
    scoring.require(data.clip());
    RunOutput.Saved files = files(file.settings(), data);
    RunPlan plan = new RunPlan(data.inputs(), files, images.settings(), images.quiet());
    BatchPlan batches =
        model.batches(
            options, file.settings(), data.inputs().images().size(), command.getErr());
    SettingTimings timings;
    RunResult result;
    try (LlavaModels llava = LlavaModels.open(options, model.devices());
        InterruptGuard guard = InterruptGuard.install(command.getErr())) {
      model.report(command.getErr());
      LlavaWorkers workers = new LlavaWorkers(llava, file.settings(), batches);
      result = RunConsole.run(plan, workers, guard.stopSignal(), command.getErr());
      timings = SettingTimings.of(data.inputs().images().size(), workers);
    }
    Map<String, Path> done = captioned(data.inputs(), result);
    if (result.status() instanceof RunStatus.Completed && !done.isEmpty()) {
      Ranking ranking = rank(files, data, done, command.getErr());
      ComparisonReport report = new ComparisonReport(ranking, file.settings(), timings);
      report.write(output);
      command.getOut().print(report.text());
      command.getOut().flush();
    }
    return result.exitCode();
  }

  private Data data() {
    if (!images.given()) {
      EmbeddedData embedded = EmbeddedData.find();
      return new Data(
          images.findIn(embedded.images()),
          annotations == null ? embedded.annotations() : references(annotations),
          Optional.of(embedded.clip()));
    }
    if (annotations == null) {
      throw new UsageException(
          "Captions are scored against references, and none were named for these images: give"
              + " --annotations FILE, or no images for the miniature validation set");
    }
    return new Data(images.find(System.in), references(annotations), Optional.empty());
  }

  /** Looks into the references before the captioning rather than after it. */
  private static Path references(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          "--annotations names the references, and there is no file %s. Check the path."
              .formatted(file));
    }
    CocoCaptions.read(file);
    return file;
  }

  private RunOutput.Saved files(List<CaptionSetting> settings, Data data) throws IOException {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw new UsageException(
          "--output is a folder, but %s is a file. Give another.".formatted(output));
    }
    Files.createDirectories(output);
    requireInputsKept(data);
    RunOutput.Saved files =
        RunOutput.Saved.in(
            output, settings.stream().map(CaptionSetting::name).toList(), images.keys());
    files.require(data.inputs());
    return files;
  }

  /** Refuses a folder in which the report would take the place of what it is made from. */
  private void requireInputsKept(Data data) throws IOException {
    List<Path> inputs =
        prompts == null ? List.of(data.annotations()) : List.of(data.annotations(), prompts);
    for (String name : ComparisonReport.FILES) {
      Path file = output.resolve(name);
      for (Path input : inputs) {
        if (Files.exists(file) && Files.isSameFile(file, input)) {
          throw new UsageException(
              "--output writes %s, but that is the input %s, which would be lost. Give another folder."
                  .formatted(file, input));
        }
      }
    }
  }

  /** The images that have captions now, by key. */
  private static Map<String, Path> captioned(ImageInputs inputs, RunResult result) {
    Map<String, Path> done = new LinkedHashMap<>();
    for (ImageInput image : inputs.images()) {
      done.put(image.key(), image.path());
    }
    result.failures().forEach(failure -> done.remove(failure.image().key()));
    return done;
  }

  private Ranking rank(RunOutput.Saved files, Data data, Map<String, Path> done, PrintWriter err) {
    SequencedMap<String, EvalInputs> systems = new LinkedHashMap<>();
    files
        .bySetting()
        .forEach((setting, outputs) ->
            systems.put(
                setting,
                EvalInputs.read(outputs.path(), data.annotations(), true).only(done.keySet())));
    return scoring.rank(systems, new ImageFolder(output, done), data.clip(), err);
  }
}
