package dev.vignette.spark;

import dev.vignette.captions.isolated.IsolatedModel;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ModelFingerprint;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.IsolatedLlava;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** The embedded LLaVA, but one image kills the process that decodes it, wherever that is. */
record PoisonedSource(String model, String projector, String poison) implements CaptionerSource {
  private static final GenerationConfig CONFIG = GenerationConfig.builder().build();
  private static final BatchPlan PLAN = new BatchPlan(1, 4);

  private LlavaOptions options() {
    return LlavaOptions.of(Path.of(model), Path.of(projector)).withRoomFor(List.of(CONFIG));
  }

  private LlavaModels models() {
    return LlavaModels.open(options(), List.of(new DeviceRequest.Cpu()));
  }

  private Poisoned workers(LlavaModels models) {
    return new Poisoned(
        LlavaWorkers.of(models, EmbeddedModel.DEFAULT_INSTRUCTION, CONFIG, PLAN), poison);
  }

  private IsolatedLlava apart(ComputePlace place) {
    return new IsolatedLlava(
        ModelProcess.command(),
        _ -> ModelProcess.environment(this, place),
        1,
        PLAN.size(),
        options(),
        LlavaWorkers.only(EmbeddedModel.DEFAULT_INSTRUCTION, CONFIG));
  }

  @Override
  public String fingerprint() {
    return RunSettings.defaults()
        .withReading(apart(new ComputePlace("cpu", 1)).fingerprint(CaptionWorkers.ONLY_SETTING))
        .hash();
  }

  @Override
  public List<Path> files() {
    return List.of(Path.of(model), Path.of(projector));
  }

  @Override
  public OpenCaptioner<?> open(ComputePlace place) {
    LlavaModels models = models();
    return OpenCaptioner.of(workers(models), models);
  }

  @Override
  public OpenCaptioner<?> openApart(ComputePlace place) {
    return OpenCaptioner.of(apart(place), ModelProcess.NOTHING_OPEN);
  }

  @Override
  public void serve(ComputePlace place, InputStream in) throws IOException {
    try (IsolatedModel served = IsolatedModel.begin();
        LlavaModels models = models()) {
      served.serve(workers(models), IsolatedLlava.PIPE, in);
    }
  }

  /** Its workers take a signal for the poison. */
  private record Poisoned(LlavaWorkers workers, String poison) implements CaptionWorkers<RgbImage> {
    @Override
    public RgbImage prepare(RgbImage image) {
      return workers.prepare(image);
    }

    @Override
    public ModelFingerprint fingerprint(String setting) {
      return workers.fingerprint(setting);
    }

    @Override
    public int count() {
      return workers.count();
    }

    @Override
    public CaptionWorker<RgbImage> open(int number) {
      CaptionWorker<RgbImage> worker = workers.open(number);
      return new CaptionWorker<>() {
        @Override
        public int capacity() {
          return worker.capacity();
        }

        @Override
        public void submit(CaptionTask<RgbImage> task, Listener listener) {
          if (task.image().key().contains(poison)) {
            killThisProcess();
          }
          worker.submit(task, listener);
        }

        @Override
        public boolean step() {
          return worker.step();
        }

        @Override
        public void cancel(CaptionTask<RgbImage> task) {
          worker.cancel(task);
        }

        @Override
        public void close() {
          worker.close();
        }
      };
    }

    private static void killThisProcess() {
      try {
        String own = Long.toString(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-KILL", own).start().waitFor();
        throw new IllegalStateException("the process lives on");
      } catch (IOException | InterruptedException failure) {
        throw new IllegalStateException(failure);
      }
    }
  }
}
