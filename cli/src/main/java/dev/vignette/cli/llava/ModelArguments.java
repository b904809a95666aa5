package dev.vignette.cli.llava;

import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.DeviceRequest.DeviceList;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llama.LlamaRuntime;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.llava.PromptTemplate;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
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
      description =
          "The language model (default: the embedded miniature): a file, or OWNER/NAME[@REVISION][:TYPE] on Hugging Face's hub, which is downloaded once, the projector with it (see vignette pull).")
  private @Nullable Path model;

  @Option(
      names = "--mmproj",
      paramLabel = "GGUF",
      description =
          "The vision tower and projector that belong to the model: a file or a name, like --model.")
  private @Nullable Path projector;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda[:N][,cuda:M...]|all|auto",
      defaultValue = "auto",
      description =
          "Where it computes: several cards, or all of them, share the images of a run (default:"
              + " ${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(
      names = "--gpu-layers",
      paramLabel = "N",
      defaultValue = "-1",
      description = "Layers on the GPU; -1 for all (default: ${DEFAULT-VALUE}).")
  private int gpuLayers;

  @Mixin private ThreadArguments threads = new ThreadArguments();

  @Option(
      names = {"-c", "--context"},
      paramLabel = "N",
      description =
          "Tokens the context of one image holds (default: what prompt and beams need, at least 2048); for many images at once each batch takes what it needs.")
  private @Nullable Integer context;

  @Option(
      names = "--batch-size",
      paramLabel = "auto|N",
      defaultValue = "auto",
      converter = BatchSizeConverter.class,
      description =
          "Images that a worker decodes at once; auto for what the memory has room for, tried"
              + " beforehand on a card (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Contexts a device that decode at once on the one model (default: two or three where"
              + " processors and memory suffice).")
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
      description =
          "What stands around <image> and {instruction} (default: the model's own, by its chat template).")
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

  /** Reads {@code auto}, which is 0, or how many. */
  static final class BatchSizeConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.equalsIgnoreCase("auto")) {
        return 0;
      }
      try {
        int size = Integer.parseInt(text);
        if (size >= 1 && size <= MOST_AT_ONCE) {
          return size;
        }
      } catch (NumberFormatException _) {
        // Said below.
      }
      throw new TypeConversionException(
          "a batch is auto or 1 to %d images, not '%s'".formatted(MOST_AT_ONCE, text));
    }
  }

  /** How many images a worker decodes at once, 1 to 255; empty for what there is room for. */
  OptionalInt batchSize() {
    return batchSize == 0 ? OptionalInt.empty() : OptionalInt.of(batchSize);
  }

  /** How many contexts a device decode at once, 1 to 16; empty for what measured best. */
  OptionalInt workers() {
    if (workers == null) {
      return OptionalInt.empty();
    }
    if (workers < 1 || workers > MOST_WORKERS) {
      throw new UsageException("--workers is 1 to %d, not %d".formatted(MOST_WORKERS, workers));
    }
    return OptionalInt.of(workers);
  }

  /** The devices it computes on, at least one. */
  List<DeviceRequest> devices() {
    return DeviceList.parse(device).find();
  }

  /** The option that names them, as it was given. */
  String device() {
    return device;
  }

  /**
   * How many images are decoded at once: as the user says, else what there is room for.
   *
   * @param images of the run; for one alone there is nothing to choose
   * @param read files of the command line that a trial reads again
   * @param err hears what did not fit
   */
  BatchPlan batches(
      LlavaOptions options,
      List<CaptionSetting> settings,
      int images,
      List<Path> read,
      PrintWriter err) {
    BatchPlan plan =
        images <= 1 && batchSize().isEmpty()
            ? new BatchPlan(1, 1)
            : BatchChoice.plan(this, false, options, settings, images, read, err);
    return said(plan, err);
  }

  /** The same where each worker has its own weights: one a card, unless the user says. */
  BatchPlan batchesApart(
      LlavaOptions options,
      List<CaptionSetting> settings,
      int images,
      List<Path> read,
      PrintWriter err) {
    return said(BatchChoice.plan(this, true, options, settings, images, read, err), err);
  }

  private BatchPlan said(BatchPlan plan, PrintWriter err) {
    if (verbose) {
      err.printf(
          "%d device(s), on each %d worker(s) of %d image(s)%n",
          devices().size(), plan.workers(), plan.size());
    }
    return plan;
  }

  /** Tries a plan with the largest prompts, in a process that is there for nothing else. */
  int warmUp(LlavaOptions options, List<CaptionSetting> settings, BatchPlan plan) {
    try (LlavaModels llava = LlavaModels.open(options, devices())) {
      new LlavaWorkers(llava, settings, plan).warmUp();
    }
    return 0;
  }

  /** The one device it computes on where only one is of use: the first. */
  private DeviceRequest firstDevice() {
    return DeviceList.parse(device).first();
  }

  /** With --verbose: which native build runs, on what. */
  public void report(PrintWriter err) {
    if (verbose) {
      LlamaRuntime runtime = LlamaRuntime.load(firstDevice());
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
    OptionalInt _ = workers(); // judged also where one image needs none
    LlamaRuntime.setLogLevel(verbose ? System.Logger.Level.INFO : System.Logger.Level.OFF);
    LlavaOptions options = files().withLoad(new ModelOptions(firstDevice(), gpuLayers, true));
    if (threads.wished().isPresent()) {
      options = options.withThreads(threads.wished().get());
    }
    Optional<PromptTemplate> named =
        template != null ? Optional.of(PromptTemplate.parse(template)) : templateElse;
    options = named.map(options::withTemplate).orElse(options);
    options = framing != null ? options.withFraming(framing) : options;
    options = options.withRoomFor(configs);
    return context == null ? options : options.withContext(context, options.maxBeams());
  }

  /** The files of the model that options name: none, or both. */
  public List<Path> named() {
    return Stream.of(Optional.ofNullable(model), Optional.ofNullable(projector))
        .flatMap(Optional::stream)
        .toList();
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
