import dev.vignette.captions.run.CaptionRun;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ProgressReporter;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaModels;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether memory stays flat: 2,000 captions in one captioner, then 200 captioners opened and closed; or, with the arguments
 * FOLDER CAPTIONS SIZE, a run with journal and predictions over so many images (those of the folder again and again), in
 * batches of SIZE. Prints the resident set of the process as it goes.
 *
 * <p>bench/steady-memory.sh runs it.
 */
final class SteadyMemory {

  private SteadyMemory() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 3) {
      batches(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    } else {
      oneByOne();
    }
  }

  private static void batches(Path folder, int captions, int size) throws IOException {
    EmbeddedModel model = EmbeddedModel.find();
    Path work = Files.createTempDirectory("steady-memory");
    List<Path> images;
    try (var files = Files.list(folder)) {
      images = files.sorted().toList();
    }
    for (int i = 0; i < captions; i++) {
      Path link = work.resolve("images/%05d.jpg".formatted(i));
      Files.createDirectories(link.getParent());
      Files.createSymbolicLink(link, images.get(i % images.size()).toAbsolutePath());
    }
    RunPlan plan =
        new RunPlan(
            ImageInputs.find(List.of(work.resolve("images").toString()), List.of(), KeyMode.STEM),
            RunOutput.Saved.to(work.resolve("predictions.json"), KeyMode.STEM, false, null, false),
            RunSettings.defaults(),
            true);
    GenerationConfig config = GenerationConfig.greedy();
    LlavaOptions options = LlavaOptions.of(model.languageModel(), model.projector());
    try (LlavaModels models = LlavaModels.open(options, List.of(new DeviceRequest.Cpu()))) {
      LlavaWorkers workers =
          LlavaWorkers.of(models, EmbeddedModel.DEFAULT_INSTRUCTION, config, new BatchPlan(1, size));
      new CaptionRun<>(workers, plan, new Counting(captions / 10), new StopSignal()).run();
    }
  }

  /** Reports as captions are kept. */
  private static final class Counting implements ProgressReporter {
    private final int every;
    private int done;

    Counting(int every) {
      this.every = every;
    }

    @Override
    public void started(int images) {}

    @Override
    public void advanced(Step step) {
      try {
        report(step.name().toLowerCase(java.util.Locale.ROOT), ++done, every);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void close() {}
  }

  private static void oneByOne() throws IOException {
    EmbeddedModel model = EmbeddedModel.find();
    LlavaOptions options = LlavaOptions.of(model.languageModel(), model.projector());
    RgbImage image = RgbImage.read(model.testImage());
    GenerationConfig config = GenerationConfig.beams(3);
    try (LlavaCaptioner captioner = LlavaCaptioner.open(options)) {
      for (int i = 1; i <= 2000; i++) {
        captioner.caption(image, EmbeddedModel.DEFAULT_INSTRUCTION, config);
        report("captions", i, 250);
      }
    }
    for (int i = 1; i <= 200; i++) {
      try (LlavaCaptioner captioner = LlavaCaptioner.open(options)) {
        captioner.caption(image, EmbeddedModel.DEFAULT_INSTRUCTION, config);
      }
      report("open and close", i, 25);
    }
  }

  private static void report(String what, int count, int every) throws IOException {
    if (count % every == 0) {
      System.out.printf("%-14s %5d  RSS %.1f MB%n", what, count, residentKilobytes() / 1024.0);
    }
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
