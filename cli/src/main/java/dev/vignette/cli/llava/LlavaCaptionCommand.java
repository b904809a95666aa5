package dev.vignette.cli.llava;

import dev.vignette.captions.isolated.IsolatedModel;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunResult;
import dev.vignette.cli.run.BatchOptions;
import dev.vignette.cli.run.ExitCodes;
import dev.vignette.cli.run.GenerationArguments;
import dev.vignette.cli.run.InterruptGuard;
import dev.vignette.cli.run.RunConsole;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llava.Caption;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EncodedImage;
import dev.vignette.llava.IsolatedLlava;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaModel;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vignette llava caption}: one image or ten thousand, by an instruction. */
@Command(
    name = "caption",
    description = "Captions images by an instruction; one caption is printed, many go to a file.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  vignette llava caption photo.jpg",
      "  vignette llava caption photos/ --output captions.json --details",
      "  vignette llava caption 'photos/**/*.jpg' --sidecars --num-beams 5 --max-new-tokens 20"
    })
final class LlavaCaptionCommand implements Callable<Integer> {

  @Mixin private BatchOptions batch = new BatchOptions();

  @Option(
      names = "--isolate",
      description =
          "Hold the model in a process of its own, which is started again when an image ends it;"
              + " that image is listed as failed, and the run goes on at once. Each of --workers is a"
              + " process then, with --batch-size images at once; on a card each has the weights.")
  private boolean isolate;

  @Mixin private PromptArguments prompt = new PromptArguments();
  @Mixin private ModelArguments model = new ModelArguments();
  @Mixin private GenerationArguments generation = new GenerationArguments();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    GenerationConfig config = generation.toConfig();
    String instruction = prompt.instruction();
    LlavaOptions options = model.toOptions(config);
    CaptionSetting setting = LlavaWorkers.only(instruction, config);
    Optional<BatchPlan> tried = OwnProcess.triedPlan();
    if (tried.isPresent()) {
      return model.warmUp(options, List.of(setting), tried.get());
    }
    OptionalInt held = OwnProcess.holdsModel();
    if (held.isPresent()) {
      return serve(options, setting, held.getAsInt());
    }
    List<Path> read = new ArrayList<>(prompt.files());
    read.addAll(List.of(options.model(), options.projector()));
    RunPlan plan = batch.plan(System.in, command.getOut(), read);
    if (isolate) {
      return captionIsolated(plan, options, setting, command.getErr());
    }
    if (plan.isOnePrintedImage()) {
      return captionOne(plan, options, setting);
    }
    int images = plan.inputs().images().size();
    BatchPlan batches =
        model.batches(options, List.of(setting), images, prompt.files(), command.getErr());
    try (LlavaModels llava = LlavaModels.open(options, model.devices())) {
      model.report(command.getErr());
      return captionAll(
          plan, LlavaWorkers.of(llava, instruction, config, batches), command.getErr());
    }
  }

  /** Holds the model for another process, until that ends. */
  private int serve(LlavaOptions options, CaptionSetting setting, int number) throws IOException {
    List<DeviceRequest> devices = model.devices();
    List<DeviceRequest> own = List.of(devices.get(number % devices.size()));
    try (IsolatedModel served = IsolatedModel.begin();
        LlavaModels llava = LlavaModels.open(options, own)) {
      served.serve(
          new LlavaWorkers(llava, List.of(setting), OwnProcess.heldPlan()),
          IsolatedLlava.PIPE,
          System.in);
    }
    return 0;
  }

  /** A process a worker: on a processor they share the weights, on a card one has them twice. */
  private int captionIsolated(
      RunPlan plan, LlavaOptions options, CaptionSetting setting, PrintWriter err) {
    int images = plan.inputs().images().size();
    List<String> again = OwnProcess.command(prompt.files());
    BatchPlan batches = model.batchesApart(options, List.of(setting), images, prompt.files(), err);
    IsolatedLlava llava =
        new IsolatedLlava(
            again,
            number ->
                Map.of(
                    OwnProcess.HOLDS_MODEL, Integer.toString(number),
                    OwnProcess.PLAN, batches.toString()),
            batches.workers() * model.devices().size(),
            batches.size(),
            options,
            setting);
    try (InterruptGuard guard = InterruptGuard.install(err)) {
      return RunConsole.run(plan, llava, guard.stopSignal(), err).exitCode();
    }
  }

  /** Makes the one image on a thread of its own, while this one opens model and context. */
  private static FutureTask<RgbImage> beside(Callable<RgbImage> making) {
    FutureTask<RgbImage> image = new FutureTask<>(making);
    Thread.ofPlatform().daemon().name("vignette-image").start(image);
    return image;
  }

  /** What was made, or what that threw. */
  private static RgbImage await(FutureTask<RgbImage> image) throws IOException {
    try {
      return image.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException own -> throw own;
        case RuntimeException own -> throw own;
        case Error own -> throw own;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an image was read", e);
    }
  }

  /**
   * One image for a person who waits: nothing is kept, so nothing is hashed, prefetched or guarded.
   */
  private int captionOne(RunPlan plan, LlavaOptions options, CaptionSetting setting)
      throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    ImageInput one = plan.inputs().images().getFirst();
    FutureTask<RgbImage> read = beside(() -> one.read(plan.settings().reading()));
    TerminalStream stream = new TerminalStream(command.getOut());
    boolean watched = TerminalStream.isWanted();
    LlavaModel opened = LlavaModel.open(options);
    FutureTask<RgbImage> prepared = beside(() -> opened.prepare(await(read)));
    try (LlavaCaptioner captioner = LlavaCaptioner.of(opened)) {
      model.report(command.getErr());
      EncodedImage encoded = captioner.encode(await(prepared));
      Caption caption =
          watched
              ? encoded.caption(setting.instruction(), setting.config(), stream)
              : encoded.caption(setting.instruction(), setting.config());
      if (caption.saysNothing(setting.config(), captioner.model())) {
        command
            .getErr()
            .println(
                "vignette: the model said nothing about %s; try another instruction, or --min-new-tokens. If it says nothing about other images too, it or its files are broken."
                    .formatted(one.path()));
        return ExitCodes.FAILED;
      }
      if (watched) {
        stream.end();
      } else {
        plan.print(caption.text());
      }
    }
    return ExitCodes.DONE;
  }

  private static int captionAll(RunPlan plan, LlavaWorkers workers, PrintWriter err) {
    try (InterruptGuard guard = InterruptGuard.install(err)) {
      RunResult result = RunConsole.run(plan, workers, guard.stopSignal(), err);
      if (result.captioned() > 1 && !plan.quiet()) {
        err.println(
            TimingLine.of(result, workers.nativeNanos(), workers.millis(), workers.count()));
        err.flush();
      }
      return result.exitCode();
    }
  }
}
