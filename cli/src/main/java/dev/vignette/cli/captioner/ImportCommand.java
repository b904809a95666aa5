package dev.vignette.cli.captioner;

import dev.vignette.captioner.AdapterFolder;
import dev.vignette.captioner.LoralibImport;
import dev.vignette.files.sentences.FailureText;
import dev.vignette.torch.TimmVit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vignette captioner import}: adapters saved with loralib. */
@Command(
    name = "import",
    description = "Turns adapters that loralib saved (.pt, .bin, .safetensors) into PEFT's files.",
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The file with lora_A and lora_B.")
  private Path file = Path.of("lora.pt");

  @Option(
      names = "--encoder",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the timm model.")
  private Path encoder = Path.of("encoder");

  @Option(
      names = "--decoder",
      required = true,
      paramLabel = "DIR",
      description = "The folder of GPT-2 and its tokenizer.")
  private Path decoder = Path.of("gpt2");

  @Option(
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "1",
      description = "lora_alpha of the adapters, which the file does not say (default: 1).")
  private double alpha;

  @Option(
      names = "--projection-key",
      paramLabel = "NAME",
      defaultValue = "projection",
      description = "What the projection is called in the file (default: ${DEFAULT-VALUE}).")
  private String projectionKey = "projection";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "Where the adapter goes.")
  private Path output = Path.of("adapter");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    int width = TimmVit.describe(encoder).shape().width();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    LoralibImport.convert(
            file,
            alpha,
            projectionKey,
            new AdapterFolder.Origin(encoder, decoder, decoder, width),
            output)
        .forEach(warning -> err.println("Warning: " + FailureText.printable(warning)));
    return 0;
  }
}
