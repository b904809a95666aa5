package dev.vignette.cli.captioner;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.VitGpt2Captioner;
import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.cli.run.BatchOptions;
import dev.vignette.cli.run.GenerationArguments;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.cli.run.RunConsole;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.sentences.FailureText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code vignette captioner caption}: one image or ten thousand, by a trained adapter. */
@Command(
    name = "caption",
    description = "Captions images with a trained adapter.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette captioner caption --adapter runs/mini/best photo.jpg",
      "  vignette captioner caption --adapter runs/mini/best photos/ -o captions.json --num-beams 3"
    })
final class CaptionerCaptionCommand implements Callable<Integer> {
  @Mixin private AdapterArguments adapter = new AdapterArguments();
  @Mixin private BatchOptions batch = new BatchOptions();
  @Mixin private GenerationArguments generation = new GenerationArguments();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "auto",
      converter = DtypeConverter.class,
      description =
          "Number format of linear maps and attention: auto, fp32 or bf16. Default: auto, which is bf16 on a GPU that is fast at it, otherwise fp32.")
  private PrecisionChoice dtype = PrecisionChoice.AUTO;

  @Spec private @Nullable CommandSpec spec;

  /** Reads a precision in any case. */
  static final class DtypeConverter implements ITypeConverter<PrecisionChoice> {
    @Override
    public PrecisionChoice convert(String value) {
      return Arrays.stream(PrecisionChoice.values())
          .filter(choice -> choice.name().equalsIgnoreCase(value))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException("'%s' is none of auto, fp32, bf16".formatted(value)));
    }
  }

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    GenerationConfig config = generation.toConfig();
    AdapterFolder.Origin origin = adapter.origin();
    List<Path> read =
        List.of(adapter.adapter(), origin.encoder(), origin.decoder(), origin.tokenizer());
    RunPlan plan = batch.plan(System.in, command.getOut(), read);
    try (InterruptGuard guard = InterruptGuard.install(command.getErr());
        VitGpt2Captioner captioner =
            VitGpt2Captioner.load(adapter.adapter(), origin, config, dtype)) {
      captioner
          .warnings()
          .forEach(
              warning -> command.getErr().println("Warning: " + FailureText.printable(warning)));
      return RunConsole.run(plan, captioner, guard.stopSignal(), command.getErr()).exitCode();
    }
  }
}
