package dev.vignette.cli.llava;

import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llama.ModelOptions;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.PromptTemplate;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say which LLaVA runs and where: a picocli mix-in. */
public final class ModelArguments {

  /** What llama.cpp's sequences suffice for, but for the one that keeps the opening. */
  private static final int MOST_AT_ONCE = 255;

  private static final int MOST_WORKERS = 16;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "GGUF",
      description = "The language model (default: the embedded miniature).")
  private @Nullable Path model;

  @Option(
      names = "--mmproj",
      paramLabel = "GGUF",
      description = "The vision tower and projector that belong to the model.")
  private @Nullable Path projector;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda[:N]|auto",
      defaultValue = "auto",
      description = "Where it computes (default: ${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(
      names = "--gpu-layers",
      paramLabel = "N",
      defaultValue = "-1",
      description = "Layers on the GPU; -1 for all (default: ${DEFAULT-VALUE}).")
  private int gpuLayers;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Processor threads (default: all processors, fewer for small models).")
  private @Nullable Integer threads;

  @Option(
      names = {"-c", "--context"},
      paramLabel = "N",
      description =
          "Tokens the context holds (default: what prompt and beams need, at least 2048).")
  private @Nullable Integer context;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "" + LlavaWorkers.DEFAULT_BATCH,
      description =
          "Images that a worker decodes at once (default: ${DEFAULT-VALUE}; 32 to 64 on a GPU with room for them).")
  private int batchSize = LlavaWorkers.DEFAULT_BATCH;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Contexts on the one model that decode at once (default: two where the processors suffice).")
  private @Nullable Integer workers;

  @Option(
      names = "--framing",
      paramLabel = "crop|pad|stretch",
      converter = FramingConverter.class,
      description =
          "crop: the centre square, as Hugging Face does for LLaVA-1.5; pad: all of it on a square, as LLaVA's own code"
              + " does; stretch: all of it, as JoyCaption sees it (default: as the model was trained, crop or stretch).")
  private @Nullable Framing framing;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "What stands around <image> and {instruction} (default: the model's own, by its chat template).")
  private @Nullable String template;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say which native build and device are used, and what llama.cpp logs.")
  private boolean verbose;

  /** Reads {@code crop}, {@code pad} or {@code stretch}; the fourth framing is CLIPScore's. */
  static final class FramingConverter implements ITypeConverter<Framing> {
    @Override
    public Framing convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "crop" -> Framing.CROP;
        case "pad" -> Framing.PAD;
        case "stretch" -> Framing.STRETCH;
        default ->
            throw new TypeConversionException(
                "a framing is crop, pad or stretch, not '" + text + "'");
      };
    }
  }

  /** How many images a worker decodes at once, 1 to 255. */
  int batchSize() {
    if (batchSize < 1 || batchSize > MOST_AT_ONCE) {
      throw new UsageException(
          "--batch-size is 1 to %d images, not %d".formatted(MOST_AT_ONCE, batchSize));
    }
    return batchSize;
  }

  /** How many contexts decode at once, 1 to 16; 0 for the default. */
  int workers() {
    if (workers != null && (workers < 1 || workers > MOST_WORKERS)) {
      throw new UsageException("--workers is 1 to %d, not %d".formatted(MOST_WORKERS, workers));
    }
    return workers == null ? 0 : workers;
  }

  /** With --verbose: which native build runs, on what. */
  public void report(PrintWriter err) {
    if (verbose) {
      LlamaRuntime runtime = LlamaRuntime.load(DeviceRequest.parse(device));
      err.printf(
          "llama.cpp %s for %s in %s (%s); %s%n",
          runtime.version(),
          runtime.flavor(),
          runtime.folder(),
          runtime.reason(),
          runtime.systemInfo());
      runtime.devices().forEach(found -> err.printf("%s: %s%n", found.name(), found.description()));
    }
  }

  /** The options of a captioner that can do what the configuration asks for. */
  public LlavaOptions toOptions(GenerationConfig config) {
    return toOptions(List.of(config), Optional.empty());
  }

  /**
   * The options of a captioner that can do what any of the configurations asks for.
   *
   * @param templateElse the template where no option names one; nothing for the model's own
   */
  LlavaOptions toOptions(List<GenerationConfig> configs, Optional<PromptTemplate> templateElse) {
    LlamaRuntime.setLogLevel(verbose ? System.Logger.Level.INFO : System.Logger.Level.OFF);
    LlavaOptions options =
        files().withLoad(new ModelOptions(DeviceRequest.parse(device), gpuLayers, true));
    if (threads != null) {
      options = options.withThreads(threads);
    }
    Optional<PromptTemplate> named =
        template != null ? Optional.of(PromptTemplate.parse(template)) : templateElse;
    options = named.map(options::withTemplate).orElse(options);
    options = framing != null ? options.withFraming(framing) : options;
    int beams = configs.stream().mapToInt(GenerationConfig::numBeams).max().orElse(1);
    int newTokens =
        configs.stream()
            .mapToInt(config -> config.numBeams() * config.maxNewTokens())
            .max()
            .orElse(1);
    int length = context != null ? context : contextFor(newTokens);
    return options.withContext(length, beams);
  }

  /**
   * LLaVA-1.5's image and a long instruction leave room for this many generated tokens in the
   * default context.
   */
  private static int contextFor(int newTokens) {
    return Math.max(LlavaOptions.DEFAULT_CONTEXT, 1024 + newTokens);
  }

  private LlavaOptions files() {
    if (model == null && projector == null) {
      EmbeddedModel embedded = EmbeddedModel.find();
      return LlavaOptions.of(embedded.languageModel(), embedded.projector());
    }
    if (model == null || projector == null) {
      throw new IllegalArgumentException(
          "--model and --mmproj belong together, but only %s was given; give both, or neither for the embedded model"
              .formatted(model == null ? "--mmproj" : "--model"));
    }
    return LlavaOptions.of(model, projector);
  }
}
