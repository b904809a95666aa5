package dev.vignette.cli.llava;

import dev.vignette.captions.CocoCaptions;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.UsageException;
import dev.vignette.cli.eval.RankingArguments;
import dev.vignette.cli.eval.Scoring;
import dev.vignette.cli.run.ImageArguments;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.TextFile;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EmbeddedModel.EmbeddedData;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.llava.compare.PromptsFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
    if (scoring.listed(command.getOut())) {
      return 0;
    }
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
    LlavaComparison comparison = comparison(file.settings(), options, data(), command.getErr());
    try (ProcessLock _ = LlavaComparison.hold(output)) {
      model.report(command.getErr());
      LlavaComparison.ComparisonOutcome outcome = comparison.run(command.getErr());
      if (outcome instanceof LlavaComparison.Ranked ranked) {
        command.getOut().print(ranked.report().text());
        command.getOut().flush();
      }
      return outcome.run().exitCode();
    }
  }

  private LlavaComparison comparison(
      List<CaptionSetting> settings, LlavaOptions options, Data data, PrintWriter err)
      throws IOException {
    Scoring how = scoring.toScoring(data.clip());
    List<Path> read = new ArrayList<>(images.lists());
    read.addAll(List.of(data.annotations(), options.model(), options.projector()));
    if (prompts != null) {
      read.add(prompts);
    }
    RunOutput.Saved files =
        LlavaComparison.files(output, settings, images.keys(), data.inputs(), read);
    List<Path> again = prompts == null ? List.of() : List.of(prompts);
    BatchPlan batches = model.batches(options, settings, data.inputs().images().size(), again, err);
    return new LlavaComparison(
        settings,
        new LlavaComparison.Model(options, model.devices(), batches),
        new RunPlan(data.inputs(), files, images.settings(), images.quiet()),
        new LlavaComparison.Place(output, data.annotations()),
        how);
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
    ImageInputs found = images.find(System.in);
    found.requireFiles("the page of the comparison shows them");
    return new Data(found, references(annotations), Optional.empty());
  }

  /** Looks into the references before the captioning rather than after it. */
  private static Path references(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          "--annotations names the references, which are read more than once, and %s is %s. Check the path."
              .formatted(file, Files.exists(file) ? "no regular file" : "not there"));
    }
    CocoCaptions.read(file);
    return file;
  }
}
