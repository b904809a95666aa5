package dev.vignette.cli.llava;

import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llava.convert.ConversionRequest;
import dev.vignette.llava.convert.LlavaConversion;
import dev.vignette.llava.convert.LlavaConversion.ConversionListener;
import dev.vignette.llava.convert.LlavaConversion.ConvertedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vignette llava convert}: a LLaVA as Hugging Face publishes it, made into GGUF files. */
@Command(
    name = "convert",
    description = {
      "Converts a LLaVA-1.5 or JoyCaption as Hugging Face publishes it into GGUF files: the language model and its projector.",
      "Takes safetensors or .bin weights, whole or in shards, of llava-hf and of liuhaotian."
    },
    mixinStandardHelpOptions = true)
final class ConvertCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "DIR",
      description =
          "A folder with config.json, the weights and the tokenizer, or the model's name on the hub, such as llava-hf/llava-1.5-7b-hf.")
  private Path folder = Path.of("");

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      required = true,
      description =
          "Of the language model: F16, BF16 or F32 as they are, or Q4_K_M (small), Q5_K_M, Q8_0 (nearly lossless) and so on.")
  private String type = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Folder for the two files (default: the current folder).")
  private Path output = Path.of("");

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the model, with which the files' names begin (default: the folder's).")
  private @Nullable String name;

  @Option(
      names = "--tower",
      paramLabel = "DIR",
      description =
          "Folder of the vision tower, for liuhaotian's models, which do not hold it (openai/clip-vit-large-patch14-336, which may be given by that name).")
  private @Nullable Path tower;

  @Option(
      names = "--keep-unquantized",
      description = "Keeps the file that is quantized, beside the result.")
  private boolean keepsUnquantized;

  @Mixin private ThreadArguments threads = new ThreadArguments();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    QuantizationType wanted = QuantizationType.parse(type);
    LlamaRuntime.setLogLevel(System.Logger.Level.OFF);
    ConversionRequest request =
        new ConversionRequest(
            folder,
            wanted,
            output,
            name == null ? ConversionRequest.nameOf(folder) : name,
            Optional.ofNullable(tower),
            keepsUnquantized,
            threads.orAllProcessors());
    var commandLine = Objects.requireNonNull(spec).commandLine();
    ConvertedModel model = LlavaConversion.convert(request, new Steps(commandLine.getErr()));
    commandLine.getOut().println(model.languageModel());
    commandLine.getOut().println(model.projector());
    return 0;
  }

  /** Says each step and, of long ones, every tenth part. */
  private static final class Steps implements ConversionListener {
    private static final long LONG = 1_000_000_000;

    private final PrintWriter err;
    private long tenths;

    Steps(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void step(String sentence) {
      err.println(sentence);
      err.flush();
      tenths = 0;
    }

    @Override
    public void progress(long written, long all) {
      long now = written * 10 / all;
      if (all >= LONG && now > tenths) {
        err.println("  " + now * 10 + "%");
        err.flush();
        tenths = now;
      }
    }
  }
}
