import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.Ticket.TokenListener;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llava.LlavaOptions.BatchLayout;
import dev.vignette.llava.LlavaOptions.BatchLayout.SequenceMemory;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.LlavaBatch;
import dev.vignette.llava.LlavaCaptioner;
import dev.vignette.llava.LlavaModel;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaPrompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;

/**
 * Milliseconds an image, prepared images in memory: one by one, and in batches of several sizes,
 * memories, layouts and numbers of workers, each measured ROUNDS times in turn.
 *
 * <p>Arguments: FOLDER IMAGES ROUNDS THREADS BEAMS SIZES WORKERS [LAYOUTS [MODEL PROJECTOR DEVICE
 * TOKENS]], such as {@code val 300 3 1 1 1,8,16,32 1,2 8x2048,16x4096}: a layout is images of a
 * prefill and rows of a micro-batch. The model is the embedded one on the processor by default,
 * with up to 30 tokens; TOKENS are generated whatever the model says. {@code -Dalone=false} leaves
 * out the one by one, which others are compared with else.
 */
final class BatchThroughput {

  private BatchThroughput() {}

  private static final int NEW_TOKENS = 30;

  /** One way to caption. */
  private record Way(String name, int size, int workers, BatchLayout layout) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[2]);
    int threads = Integer.parseInt(arguments[3]);
    int beams = Integer.parseInt(arguments[4]);
    boolean given = arguments.length > 8;
    LlavaOptions files =
        given
            ? LlavaOptions.of(Path.of(arguments[8]), Path.of(arguments[9]))
            : LlavaOptions.of(
                EmbeddedModel.find().languageModel(), EmbeddedModel.find().projector());
    DeviceRequest device = given ? DeviceRequest.parse(arguments[10]) : new DeviceRequest.Cpu();
    LlavaOptions options =
        files.withLoad(ModelOptions.defaults().withDevice(device)).withThreads(threads);
    String layouts = arguments.length > 7 ? arguments[7] : "8x2048";
    List<Way> ways = ways(numbers(arguments[5]), numbers(arguments[6]), layouts, beams, given);
    int tokens = given ? Integer.parseInt(arguments[11]) : NEW_TOKENS;
    CaptionSetting setting =
        new CaptionSetting(
            "caption",
            EmbeddedModel.DEFAULT_INSTRUCTION,
            GenerationConfig.builder()
                .maxNewTokens(tokens)
                .minNewTokens(given ? tokens : 0)
                .numBeams(beams)
                .build());
    List<RgbImage> images = images(Path.of(arguments[0]), Integer.parseInt(arguments[1]), options);
    double[][] wall = new double[ways.size() + 1][rounds];
    double[][] processor = new double[ways.size() + 1][rounds];
    List<RgbImage> few = images.subList(0, Math.min(given ? 16 : images.size(), images.size()));
    boolean alone = !"false".equals(System.getProperty("alone"));
    if (alone) {
      oneByOne(options, setting, few); // warms up
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = alone ? 0 : 1; i <= ways.size(); i++) {
        long cpu = processorNanos();
        wall[i][round] =
            i == 0
                ? oneByOne(options, setting, few)
                : batches(options, ways.get(i - 1), setting, images);
        processor[i][round] = (processorNanos() - cpu) / 1e6 / (i == 0 ? few : images).size();
        System.err.printf(Locale.ROOT, "%.2f ms an image: %s%n", wall[i][round], i == 0 ? "one by one" : ways.get(i - 1).name());
      }
    }
    for (int i = alone ? 0 : 1; i <= ways.size(); i++) {
      System.out.printf(
          Locale.ROOT,
          "%-36s %7.2f ms an image, %5.2f times; of processor %6.2f ms, %5.2f times%n",
          i == 0 ? "one by one" : ways.get(i - 1).name(),
          median(wall[i]),
          alone ? median(wall[0]) / median(wall[i]) : Double.NaN,
          median(processor[i]),
          alone ? median(processor[0]) / median(processor[i]) : Double.NaN);
    }
  }

  /** Time on processors of all threads so far: what a busy machine does not change much. */
  private static long processorNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static List<Way> ways(
      int[] sizes, int[] workers, String layouts, int beams, boolean streamsOnly) {
    List<Way> ways = new ArrayList<>();
    for (SequenceMemory memory : SequenceMemory.values()) {
      for (String layout : layouts.split(",")) {
        int[] parts = Arrays.stream(layout.split("x")).mapToInt(Integer::parseInt).toArray();
        for (int worker : workers) {
          for (int size : sizes) {
            if (memory == (beams == 1 && streamsOnly ? SequenceMemory.STREAMS : memory)
                && (beams == 1 || memory == SequenceMemory.SHARED)) {
              String name = "%s, %s, %d workers of %d".formatted(memory, layout, worker, size);
              ways.add(
                  new Way(
                      name, size, worker, new BatchLayout(Optional.of(memory), parts[0], parts[1])));
            }
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

  /** Opened, and warmed up by a batch a worker, before the clock starts. */
  private static double batches(
      LlavaOptions options, Way way, CaptionSetting setting, List<RgbImage> images) {
    try (LlavaModel model = LlavaModel.open(options.withLayout(way.layout()))) {
      long[] began = new long[1];
      CyclicBarrier ready = new CyclicBarrier(way.workers(), () -> began[0] = System.nanoTime());
      CompletableFuture<?>[] parts =
          IntStream.range(0, way.workers())
              .mapToObj(worker ->
                  CompletableFuture.runAsync(
                      () -> work(model, way, worker, setting, images, ready),
                      task -> Thread.ofPlatform().start(task)))
              .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(parts).join();
      return (System.nanoTime() - began[0]) / 1e6 / images.size();
    }
  }

  /** Every n-th image, as one of n workers. */
  private static void work(
      LlavaModel model,
      Way way,
      int worker,
      CaptionSetting setting,
      List<RgbImage> images,
      CyclicBarrier ready) {
    try (LlavaBatch batch = model.batch(way.size(), List.of(setting))) {
      for (int i = 0; i < way.size(); i++) {
        submit(model, batch, images.get(i % images.size()), setting);
      }
      batch.finish();
      ready.await();
      for (int i = worker; i < images.size(); i += way.workers()) {
        submit(model, batch, images.get(i), setting);
      }
      batch.finish();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void submit(
      LlavaModel model, LlavaBatch batch, RgbImage image, CaptionSetting setting) {
    LlavaPrompt prompt = model.prompt(image, setting.instruction());
    batch.submit(prompt, model.search(prompt, setting.config()), TokenListener.NONE);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
