package dev.vignette.spark;

import dev.vignette.captions.isolated.IsolatedModel;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llava.BatchSizing;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.IsolatedLlava;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.llava.PromptTemplate;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A LLaVA with one instruction and one configuration.
 *
 * @param model the language model's GGUF file
 * @param projector the GGUF file of tower and projector
 * @param instruction what the model is asked
 * @param config how tokens are chosen
 * @param framing how a picture becomes the tower's square; null as the model was trained
 * @param template what stands around image and instruction; null for the model's own
 * @param load how it is opened
 */
record LlavaSource(
    String model,
    String projector,
    String instruction,
    GenerationConfig config,
    @Nullable Framing framing,
    @Nullable String template,
    Load load)
    implements CaptionerSource {

  private static final String MODEL = "the language model";
  private static final String PROJECTOR = "the projector";

  /** Images of a worker on a card that are never tried, as on the command line. */
  private static final int UNTRIED = 16;

  private static final int MOST_PROCESSOR_WORKERS = 2;

  /**
   * How a LLaVA is opened; none of it changes a caption.
   *
   * @param gpuLayers layers on the card, -1 for all
   * @param threads processor threads, 0 for what the model and the executor suffice for
   * @param workers contexts a device, 0 for what there is room for
   * @param batchSize images of a worker, 0 for what there is room for
   */
  record Load(int gpuLayers, int threads, int workers, int batchSize) implements Serializable {
    /** As the model, the executor and the memory suffice for. */
    static final Load AUTO = new Load(ModelOptions.ALL_LAYERS, 0, 0, 0);
  }

  @Override
  public String fingerprint() {
    LlavaOptions options = located().options(new ComputePlace("cpu", 1));
    return RunSettings.defaults()
        .withReading(new CaptionSetting("spark", instruction, config).fingerprint(options))
        .hash();
  }

  @Override
  public List<Path> files() {
    return List.of(ModelPath.find(MODEL, model), ModelPath.find(PROJECTOR, projector));
  }

  /** The same with the files where they are on this machine. */
  private LlavaSource located() {
    List<String> here = files().stream().map(Path::toString).toList();
    return new LlavaSource(
        here.getFirst(), here.getLast(), instruction, config, framing, template, load);
  }

  private LlavaSource with(Load value) {
    return new LlavaSource(model, projector, instruction, config, framing, template, value);
  }

  @Override
  public OpenCaptioner<?> open(ComputePlace place) {
    LlavaSource located = located();
    LlavaOptions options = located.options(place);
    LlavaModels models = LlavaModels.open(options, List.of(options.load().device()));
    return OpenCaptioner.of(located.workers(models, place), models);
  }

  private LlavaWorkers workers(LlavaModels models, ComputePlace place) {
    return LlavaWorkers.of(models, instruction, config, plan(options(place), place));
  }

  @Override
  public OpenCaptioner<?> openApart(ComputePlace place) {
    LlavaSource located = located();
    LlavaOptions options = located.options(place);
    BatchPlan plan = new BatchPlan(1, plan(options, place).size());
    return OpenCaptioner.of(isolated(located, place, plan), ModelProcess.NOTHING_OPEN);
  }

  private static IsolatedLlava isolated(LlavaSource located, ComputePlace place, BatchPlan plan) {
    Load asPlanned =
        new Load(located.load.gpuLayers, located.load.threads, plan.workers(), plan.size());
    LlavaSource inProcess = located.with(asPlanned);
    Map<String, String> environment = ModelProcess.environment(inProcess, place);
    return new IsolatedLlava(
        ModelProcess.command(),
        _ -> environment,
        plan.workers(),
        plan.size(),
        located.options(place),
        located.setting());
  }

  @Override
  public void serve(ComputePlace place, InputStream in) throws IOException {
    LlavaOptions options = options(place);
    try (IsolatedModel served = IsolatedModel.begin();
        LlavaModels models = LlavaModels.open(options, List.of(options.load().device()))) {
      served.serve(workers(models, place), IsolatedLlava.PIPE, in);
    }
  }

  private CaptionSetting setting() {
    return LlavaWorkers.only(instruction, config);
  }

  private LlavaOptions options(ComputePlace place) {
    DeviceRequest device = DeviceRequest.parse(place.device());
    LlavaOptions options =
        LlavaOptions.of(Path.of(model), Path.of(projector))
            .withLoad(new ModelOptions(device, load.gpuLayers, true))
            .withRoomFor(List.of(config));
    int threads = load.threads > 0 ? load.threads : Math.min(options.threads(), place.processors());
    options = options.withThreads(threads);
    options = framing == null ? options : options.withFraming(framing);
    return template == null ? options : options.withTemplate(PromptTemplate.parse(template));
  }

  /** Nothing is tried here: on a card half of its free memory is counted on, and few images. */
  private BatchPlan plan(LlavaOptions options, ComputePlace place) {
    BatchSizing sizing = BatchSizing.of(options, List.of(setting()));
    Room room = Room.of(options.load().device());
    OptionalInt workers = positive(load.workers);
    if (load.batchSize > 0) {
      return sizing.plan(room, positive(load.batchSize), workers);
    }
    if (!room.card()) {
      int beside = Math.clamp(place.processors() / options.threads(), 1, MOST_PROCESSOR_WORKERS);
      return sizing.plan(
          room, OptionalInt.empty(), workers.isPresent() ? workers : OptionalInt.of(beside));
    }
    Room half = new Room(true, room.name(), room.freeBytes() / 2);
    BatchPlan plan = sizing.plan(half, OptionalInt.empty(), workers);
    return new BatchPlan(plan.workers(), Math.min(plan.size(), UNTRIED));
  }

  private static OptionalInt positive(int value) {
    return value > 0 ? OptionalInt.of(value) : OptionalInt.empty();
  }
}
