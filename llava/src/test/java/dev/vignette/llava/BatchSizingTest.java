package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llama.LlamaModel.ModelOptions;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.weights.gguf.LanguageModelFile.LanguageModelInfo;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorFile.ProjectorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** How many images fit, by the shapes of LLaVA-1.5-7B in BF16. */
class BatchSizingTest {

  private static final long WEIGHTS = 13_478_000_000L;
  private static final OptionalInt AUTO = OptionalInt.empty();

  private static BatchSizing sizing(int beams, int threads) {
    return sizing(beams, threads, ModelOptions.ALL_LAYERS);
  }

  private static BatchSizing sizing(int beams, int threads, int gpuLayers) {
    return sizing(beams, threads, gpuLayers, false);
  }

  private static BatchSizing sizing(int beams, int threads, int gpuLayers, boolean apart) {
    Path path = Path.of("model.gguf");
    ModelFiles files =
        new ModelFiles(
            new LanguageModelInfo(
                path,
                "llama",
                "7B",
                4096,
                4096,
                32,
                2L * 32 * 4096,
                32_064,
                Optional.empty(),
                "BF16",
                WEIGHTS),
            new ProjectorInfo(
                path,
                "mlp",
                "tower",
                336,
                14,
                List.of(0.481f, 0.458f, 0.408f),
                List.of(0.269f, 0.261f, 0.276f),
                List.of(),
                true,
                Optional.empty(),
                1024,
                23,
                4096,
                "F16",
                624_000_000));
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(20).numBeams(beams).build();
    ModelOptions load = new ModelOptions(new DeviceRequest.Auto(), gpuLayers, true);
    LlavaOptions options = LlavaOptions.of(path, path).withThreads(threads).withLoad(load);
    return new BatchSizing(
        options,
        files,
        List.of(LlavaWorkers.only(EmbeddedModel.DEFAULT_INSTRUCTION, config)),
        apart);
  }

  private static Room card(double gigabytes) {
    return new Room(true, "CUDA0", (long) (gigabytes * 1e9));
  }

  /** Measured on an H200 (docs/benchmarks.md): 40.7 GB with two workers of 32. */
  @Test
  void theEstimateIsALittleAboveWhatACardShowed() {
    assertThat(sizing(1, 1).neededBytes(card(139), new BatchPlan(2, 32)) / 1e9)
        .isCloseTo(42.5, within(2.5));
  }

  @Test
  void aLargeCardGetsWhatMeasuredBestAndASmallerOneWhatItHasRoomFor() {
    BatchSizing greedy = sizing(1, 1);
    int most = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 3);
    assertThat(greedy.plan(card(139), AUTO, AUTO)).isEqualTo(new BatchPlan(most, 48));
    assertThat(sizing(5, 1).plan(card(139), AUTO, AUTO)).isEqualTo(new BatchPlan(most, 8));
    assertThat(greedy.plan(card(139), AUTO, OptionalInt.of(4))).isEqualTo(new BatchPlan(4, 48));

    BatchPlan small = greedy.plan(card(24), AUTO, OptionalInt.of(1));
    assertThat(small.size()).isBetween(8, 20);
    assertThat(greedy.fits(card(24), small)).isTrue();
    assertThat(greedy.fits(card(24), new BatchPlan(1, small.size() + 1))).isFalse();
    assertThat(greedy.plan(card(5), AUTO, AUTO)).isEqualTo(new BatchPlan(1, 1));
  }

  @Test
  void layersThatAreNotOnTheCardTakeNoRoomThere() {
    long whole = sizing(1, 1, -1).neededBytes(card(12), new BatchPlan(1, 8));
    long part = sizing(1, 1, 11).neededBytes(card(12), new BatchPlan(1, 8));
    assertThat(part / 1e9).isCloseTo(whole / 3e9, within(1.5));
    assertThat(sizing(1, 1, 11).plan(card(12), AUTO, OptionalInt.of(1)).size()).isGreaterThan(8);
  }

  @Test
  void processesApartHaveTheWeightsOnceEachOnACardAndTogetherOnAProcessor() {
    BatchPlan two = new BatchPlan(2, 8);
    BatchSizing together = sizing(1, 1);
    BatchSizing apart = sizing(1, 1, ModelOptions.ALL_LAYERS, true);

    assertThat(apart.neededBytes(card(80), two) - together.neededBytes(card(80), two))
        .isEqualTo(WEIGHTS);
    assertThat(apart.neededBytes(card(80), new BatchPlan(1, 8)))
        .isEqualTo(together.neededBytes(card(80), new BatchPlan(1, 8)));
    Room machine = new Room(false, "this machine", 80_000_000_000L);
    assertThat(apart.neededBytes(machine, two)).isEqualTo(together.neededBytes(machine, two));
    assertThat(apart.isApart(two)).isTrue();
    assertThat(apart.isApart(new BatchPlan(1, 8))).isFalse();
    assertThat(together.isApart(two)).isFalse();
  }

  @Test
  void whatTheUserSaysStaysWithinTheSequencesThereAre() {
    assertThat(sizing(1, 1).plan(card(5), OptionalInt.of(64), OptionalInt.of(2)))
        .isEqualTo(new BatchPlan(2, 64));
    assertThat(sizing(5, 1).plan(card(139), OptionalInt.of(200), OptionalInt.of(1)))
        .isEqualTo(new BatchPlan(1, 51));
  }

  @Test
  void aProcessorHasFewerAndNoSecondWorkerWhereThreadsTakeAllOfIt() {
    int processors = Runtime.getRuntime().availableProcessors();
    Room machine = new Room(false, "this machine", Long.MAX_VALUE);
    assertThat(sizing(1, processors).plan(machine, AUTO, AUTO)).isEqualTo(new BatchPlan(1, 8));
    Room full = new Room(false, "this machine", 17_000_000_000L);
    assertThat(sizing(1, processors).plan(full, AUTO, AUTO).size()).isBetween(1, 4);
  }

  @Test
  void aSmallModelHasLargeBatchesOnAProcessor() {
    Path mini = Path.of(System.getProperty("vignette.root"), "models/mini");
    LlavaOptions options =
        LlavaOptions.of(
            mini.resolve("mini-llava-Q8_0.gguf"), mini.resolve("mini-llava-mmproj-f16.gguf"));
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(30).build();
    BatchSizing small =
        BatchSizing.of(
            options, List.of(LlavaWorkers.only(EmbeddedModel.DEFAULT_INSTRUCTION, config)));
    Room machine = new Room(false, "this machine", Long.MAX_VALUE);
    assertThat(small.plan(machine, AUTO, OptionalInt.of(1))).isEqualTo(new BatchPlan(1, 32));
    Room full = new Room(false, "this machine", 25_000_000L);
    assertThat(small.plan(full, AUTO, OptionalInt.of(1)).size()).isBetween(1, 16);
  }

  @Test
  void aPlanIsHalvedDownToOneImageOfOneWorker() {
    assertThat(new BatchPlan(3, 48).halved()).contains(new BatchPlan(3, 24));
    assertThat(new BatchPlan(3, 1).halved()).contains(new BatchPlan(1, 1));
    assertThat(new BatchPlan(1, 1).halved()).isEmpty();
    assertThat(BatchPlan.parse("3x48")).isEqualTo(new BatchPlan(3, 48)).hasToString("3x48");
  }
}
