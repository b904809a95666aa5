import dev.vignette.images.RgbImage;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.TokenListener;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.ModelOptions;
import dev.vignette.llava.BatchLayout;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaBatch;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaModel;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaPrompt;
import dev.vignette.llava.SequenceMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Milliseconds an image of the embedded model, prepared images in memory: one by one, and in
 * batches of several sizes, memories and numbers of workers, each measured ROUNDS times in turn.
 *
 * <p>Arguments: FOLDER IMAGES ROUNDS THREADS BEAMS SIZES WORKERS, such as {@code val 300 3 1 1
 * 1,8,16,32 1,2}.
 */
final class BatchThroughput {

  private BatchThroughput() {}

  private static final int NEW_TOKENS = 30;

  /** One way to caption. */
  private record Way(String name, int size, int workers, SequenceMemory memory) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[2]);
    int threads = Integer.parseInt(arguments[3]);
    int beams = Integer.parseInt(arguments[4]);
    EmbeddedModel files = EmbeddedModel.find();
    LlavaOptions options =
        LlavaOptions.of(files.languageModel(), files.projector())
            .withLoad(ModelOptions.defaults().withDevice(new DeviceRequest.Cpu()))
            .withThreads(threads);
    List<Way> ways = ways(numbers(arguments[5]), numbers(arguments[6]), beams);
    CaptionSetting setting =
        new CaptionSetting(
            "caption",
            EmbeddedModel.DEFAULT_INSTRUCTION,
            GenerationConfig.builder().maxNewTokens(NEW_TOKENS).numBeams(beams).build());
    List<RgbImage> images = images(Path.of(arguments[0]), Integer.parseInt(arguments[1]), options);
    double[][] wall = new double[ways.size() + 1][rounds];
    double[][] processor = new double[ways.size() + 1][rounds];
    oneByOne(options, setting, images); // warms up
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i <= ways.size(); i++) {
        long cpu = processorNanos();
        wall[i][round] =
            i == 0
                ? oneByOne(options, setting, images)
                : batches(options, ways.get(i - 1), setting, images);
        processor[i][round] = (processorNanos() - cpu) / 1e6 / images.size();
      }
    }
    for (int i = 0; i <= ways.size(); i++) {
      System.out.printf(
          Locale.ROOT,
          "%-24s %7.2f ms an image, %5.2f times; of processor %6.2f ms, %5.2f times%n",
          i == 0 ? "one by one" : ways.get(i - 1).name(),
          median(wall[i]),
          median(wall[0]) / median(wall[i]),
          median(processor[i]),
          median(processor[0]) / median(processor[i]));
    }
  }

  /** Time on processors of all threads so far: what a busy machine does not change much. */
  private static long processorNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static List<Way> ways(int[] sizes, int[] workers, int beams) {
    List<Way> ways = new ArrayList<>();
    for (SequenceMemory memory : SequenceMemory.values()) {
      for (int worker : workers) {
        for (int size : sizes) {
          if (beams == 1 || memory == SequenceMemory.SHARED) {
            String name = "%s, %d workers of %d".formatted(memory, worker, size);
            ways.add(new Way(name, size, worker, memory));
          }
        }
      }
    }
    return ways;
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
  }

  private static List<RgbImage> images(Path folder, int limit, LlavaOptions options)
      throws Exception {
    try (LlavaModel model = LlavaModel.open(options);
        var files = Files.list(folder)) {
      return files.sorted().limit(limit).map(RgbImage::read).map(model::prepare).toList();
    }
  }

  private static double oneByOne(
      LlavaOptions options, CaptionSetting setting, List<RgbImage> images) {
    try (LlavaCaptioner captioner = LlavaCaptioner.open(options)) {
      long began = System.nanoTime();
      for (RgbImage image : images) {
        captioner.encode(image).caption(setting.instruction(), setting.config());
      }
      return (System.nanoTime() - began) / 1e6 / images.size();
    }
  }

  private static double batches(
      LlavaOptions options, Way way, CaptionSetting setting, List<RgbImage> images) {
    BatchLayout layout = options.layout().with(way.memory());
    try (LlavaModel model = LlavaModel.open(options.withLayout(layout))) {
      long began = System.nanoTime();
      CompletableFuture<?>[] parts =
          IntStream.range(0, way.workers())
              .mapToObj(worker ->
                  CompletableFuture.runAsync(
                      () -> work(model, way, worker, setting, images),
                      task -> Thread.ofPlatform().start(task)))
              .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(parts).join();
      return (System.nanoTime() - began) / 1e6 / images.size();
    }
  }

  /** Every n-th image, as one of n workers. */
  private static void work(
      LlavaModel model, Way way, int worker, CaptionSetting setting, List<RgbImage> images) {
    try (LlavaBatch batch = model.batch(way.size(), List.of(setting))) {
      for (int i = worker; i < images.size(); i += way.workers()) {
        LlavaPrompt prompt = model.prompt(images.get(i), setting.instruction());
        batch.submit(prompt, model.search(prompt, setting.config()), TokenListener.NONE);
      }
      batch.finish();
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
