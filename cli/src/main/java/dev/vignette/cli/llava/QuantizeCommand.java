package dev.vignette.cli.llava;

import dev.vignette.captions.run.OutputException;
import dev.vignette.captions.run.UsageException;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.Quantizer;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.weights.faults.InvalidModelFileException;
import dev.vignette.weights.gguf.GgufFile;
import dev.vignette.weights.gguf.LanguageModelFile;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import dev.vignette.weights.gguf.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vignette llava quantize}: a smaller copy of a language model. */
@Command(
    name = "quantize",
    description = "Writes a language model with smaller weights (the mmproj file stays as it is).",
    mixinStandardHelpOptions = true)
final class QuantizeCommand implements Callable<Integer> {

  /** What a model may be quantized from. */
  private static final Set<String> WHOLE = Set.of("F32", "F16", "BF16");

  @Parameters(index = "0", paramLabel = "IN", description = "A GGUF model of F32, F16 or BF16.")
  private Path input = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
  private Path output = Path.of("");

  @Parameters(
      index = "2",
      paramLabel = "TYPE",
      description = "Such as Q4_K_M (small), Q5_K_M, Q8_0 (nearly lossless).")
  private String type = "";

  @Mixin private ThreadArguments threads = new ThreadArguments();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    QuantizationType wanted = QuantizationType.parse(type);
    LanguageModelInfo given = ModelFiles.checkLanguageModel(input);
    requireReplaceable(given, wanted);
    if (!WHOLE.contains(given.quantization())) {
      throw new UsageException(
          "IN is quantized already (%s), and quantizing twice loses more than once. Give the model in F16, BF16 or F32."
              .formatted(given.quantization()));
    }
    requireSpace(given, wanted);
    LlamaRuntime.setLogLevel(System.Logger.Level.OFF);
    LlamaRuntime.load(new DeviceRequest.Cpu());
    int count = threads.orAllProcessors();
    quantize(wanted, count);
    Objects.requireNonNull(spec)
        .commandLine()
        .getErr()
        .printf(
            "%s: %.1f MB, from %.1f MB%n",
            output, Files.size(output) / 1e6, Files.size(input) / 1e6);
    return 0;
  }

  /** Where OUT is a file, and its folder is there; the quantizer refuses others. */
  private void requireSpace(LanguageModelInfo given, QuantizationType wanted) throws IOException {
    Path folder = AtomicFile.behindLinks(output).resolveSibling("");
    if (Files.isDirectory(folder) && (Files.notExists(output) || Files.isRegularFile(output))) {
      Quantizer.deleteAbandoned(folder);
      int bits = given.quantization().equals("F32") ? Float.SIZE : Short.SIZE;
      OutputFolder.requireSpace(folder, wanted.bytesFrom(given.fileBytes(), bits), "");
    }
  }

  /** An earlier result is replaced; anything else is somebody's. */
  private void requireReplaceable(LanguageModelInfo given, QuantizationType wanted)
      throws IOException {
    if (!Files.isRegularFile(output) || Files.isSameFile(input, output)) {
      return; // the quantizer says what is no file, and what would be read and written
    }
    LanguageModelInfo there;
    try {
      there = LanguageModelFile.check(output);
    } catch (InvalidModelFileException e) {
      throw new UsageException(notReplaced("is there and is no language model"), e);
    }
    if (!isSameModel(given, there)) {
      throw new UsageException(notReplaced("holds another model, " + there.name()));
    }
    if (WHOLE.contains(there.quantization()) && !there.quantization().equals(wanted.name())) {
      throw new UsageException(
          notReplaced("is in %s, from which models are quantized".formatted(there.quantization())));
    }
  }

  /** By all that a model's quantized copies have in common; not every file says its name. */
  private boolean isSameModel(LanguageModelInfo given, LanguageModelInfo there) {
    Optional<String> name = ownName(input);
    Optional<String> otherName = ownName(output);
    return given.architecture().equals(there.architecture())
        && given.contextLength() == there.contextLength()
        && given.embeddingLength() == there.embeddingLength()
        && given.blockCount() == there.blockCount()
        && given.keyValueLength() == there.keyValueLength()
        && given.vocabularySize() == there.vocabularySize()
        && name.equals(otherName);
  }

  private static Optional<String> ownName(Path file) {
    return GgufFile.read(file).metadata().text("general.name");
  }

  private String notReplaced(String what) {
    return "OUT replaces an earlier result only, and %s %s. Give another name, or move it away."
        .formatted(output, what);
  }

  private void quantize(QuantizationType wanted, int count) {
    try {
      Quantizer.quantize(input, output, wanted, count);
    } catch (UnwritableFileException e) {
      throw e;
    } catch (UncheckedIOException e) {
      throw new OutputException(String.valueOf(e.getMessage()), e);
    }
  }
}
