package dev.vignette.cli.attend;

import dev.vignette.attention.AttendingCaptioner;
import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.AttendingVitGpt2;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.cli.eval.LocalizationArguments;
import dev.vignette.cli.llava.ModelArguments;
import dev.vignette.cli.llava.PromptArguments;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.eval.localization.LocalizationTable;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.llava.AttendingLlava;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette attend}: attention of either captioner, measured. */
@Command(
    name = "attend",
    description =
        "Measures attention; to look at it, see vignette llava attend and vignette captioner attend.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = AttendCommand.Evaluate.class)
public final class AttendCommand {

  /** {@code vignette attend evaluate}: do nouns look at what they name? */
  @Command(
      name = "evaluate",
      description = {
        "Measures whether nouns look at what they name: pointing game and mass in boxes, for each layer and head,",
        "against the uniform map and the mean map of the caption's words; names the best."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false,
      footer = {
        "",
        "Examples:",
        "  vignette attend evaluate --boxes val_boxes.json --annotations val.json --images val/",
        "  vignette attend evaluate --adapter runs/mini/best --boxes val_boxes.json --annotations val.json --images val/"
      })
  static final class Evaluate implements Callable<Integer> {
    private static final int MAX_NEW_TOKENS = 64;

    @Option(
        names = "--adapter",
        paramLabel = "DIR",
        description = "Measure the captioner trained there (default: LLaVA is measured).")
    private @Nullable Path adapter;

    @Mixin private LocalizationArguments localization = new LocalizationArguments();
    @Mixin private PromptArguments prompt = new PromptArguments();
    @Mixin private ModelArguments model = new ModelArguments();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      CommandLine command = Objects.requireNonNull(spec).commandLine();
      localization.requireKept("the model's file", model.named());
      localization.requireKept("--prompt-file", prompt.files());
      command
          .getOut()
          .print(
              LocalizationTable.of(
                  localization.measure(() -> open(command.getErr()), command.getErr())));
      command.getOut().flush();
      return 0;
    }

    private AttendingCaptioner open(PrintWriter err) throws IOException {
      GenerationConfig config = GenerationConfig.builder().maxNewTokens(MAX_NEW_TOKENS).build();
      if (adapter != null) {
        VitGpt2Captioner captioner =
            VitGpt2Captioner.load(adapter, AdapterFolder.Origin.read(adapter), config);
        captioner
            .warnings()
            .forEach(warning -> err.println("Warning: " + FailureText.printable(warning)));
        return new AttendingVitGpt2(captioner);
      }
      return AttendingLlava.open(model.toOptions(config), prompt.instruction(), config);
    }
  }
}
