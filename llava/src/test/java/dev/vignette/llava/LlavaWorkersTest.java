package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.CaptionRun;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.captions.run.ImageInputs;
import dev.vignette.captions.run.ProgressReporter;
import dev.vignette.captions.run.RunOutput;
import dev.vignette.captions.run.RunPlan;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.RunResult;
import dev.vignette.captions.run.StopSignal;
import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.llama.DeviceRequest;
import dev.vignette.llava.LlavaPrompt.PromptTooLongException;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over several devices, all of which are the processor here. */
class LlavaWorkersTest {

  private static final int IMAGES = 20;

  @TempDir Path folder;

  private static LlavaModels open(int devices) {
    return LlavaModels.open(
        LlavaOptions.of(
            Golden.model("mini-llava-f16.gguf"), Golden.model("mini-llava-mmproj-f16.gguf")),
        Collections.nCopies(devices, new DeviceRequest.Cpu()));
  }

  private static LlavaWorkers workers(LlavaModels models, BatchPlan plan) {
    GenerationConfig config = GenerationConfig.greedy().withMaxNewTokens(20);
    return LlavaWorkers.of(models, EmbeddedModel.DEFAULT_INSTRUCTION, config, plan);
  }

  private Path captions(String name, LlavaWorkers workers) {
    Path file = folder.resolve(name);
    List<String> images =
        IntStream.rangeClosed(1, IMAGES)
            .mapToObj(i -> Golden.IMAGES.resolve("%012d.jpg".formatted(i)).toString())
            .toList();
    RunPlan plan =
        new RunPlan(
            ImageInputs.find(images, List.of(), KeyMode.STEM),
            RunOutput.Saved.to(file, KeyMode.STEM, false, null, false),
            RunSettings.defaults(),
            true);
    RunResult result =
        new CaptionRun<>(workers, plan, ProgressReporter.silent(), new StopSignal()).run();
    assertThat(result.captioned()).isEqualTo(IMAGES);
    return file;
  }

  @Test
  void severalDevicesShareOneRunWithTheSameCaptions() {
    try (LlavaModels one = open(1);
        LlavaModels three = open(3)) {
      LlavaWorkers spread = workers(three, new BatchPlan(1, 3));
      assertThat(spread.count()).isEqualTo(3);
      assertThat(captions("three.json", spread))
          .hasSameTextualContentAs(captions("one.json", workers(one, new BatchPlan(1, 4))));
      assertThat(spread.imageTotals().count()).isEqualTo(IMAGES);
    }
  }

  @Test
  void workersTakeTheDevicesInTurn() {
    try (LlavaModels two = open(2)) {
      LlavaWorkers workers = workers(two, new BatchPlan(2, 2));
      assertThat(workers.count()).isEqualTo(4);
      two.all().getLast().close();
      for (int number : new int[] {0, 2}) {
        workers.open(number).close();
      }
      for (int number : new int[] {1, 3}) {
        assertThatThrownBy(() -> workers.open(number)).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void aWarmUpFillsEveryWorkerOrSaysWhyNot() {
    try (LlavaModels two = open(2)) {
      workers(two, new BatchPlan(2, 5)).warmUp();
      LlavaWorkers broken = workers(two, new BatchPlan(1, 2));
      two.all().getLast().close();
      assertThatThrownBy(broken::warmUp).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aWarmUpWithAnInstructionThatIsTooLongFailsAsTheRunDoes() {
    try (LlavaModels one = open(1)) {
      String endless = "What is in the picture? ".repeat(2000);
      LlavaWorkers workers =
          LlavaWorkers.of(one, endless, GenerationConfig.greedy(), new BatchPlan(2, 1));
      assertThatThrownBy(() -> workers.open(0)).isInstanceOf(PromptTooLongException.class);
      assertThatThrownBy(workers::warmUp).isInstanceOf(PromptTooLongException.class);
    }
  }

  @Test
  void aWarmUpTakesTheMostOfAllSettings() {
    GenerationConfig.Builder short5 = GenerationConfig.builder().maxNewTokens(4).numBeams(5);
    GenerationConfig long1 = GenerationConfig.greedy().withMaxNewTokens(9);
    try (LlavaModels one = open(1)) {
      LlavaWorkers workers =
          new LlavaWorkers(
              one,
              List.of(
                  new CaptionSetting("beams", "What?", short5.build()),
                  new CaptionSetting("words", "What is in the picture?", long1)),
              new BatchPlan(1, 2));

      CaptionSetting largest = workers.largest(one.first());

      assertThat(largest.instruction()).isEqualTo("What is in the picture?");
      assertThat(largest.config().numBeams()).isEqualTo(5);
      assertThat(largest.config().maxNewTokens()).isEqualTo(9);
      workers.warmUp();
    }
  }

  @Test
  void anIsolatedWorkerBesideTheFirstOpensItsModelAtOnce() {
    IsolatedLlava isolated =
        new IsolatedLlava(
            List.of("sh", "-c", "exit 70"),
            _ -> Map.of(),
            2,
            1,
            LlavaOptions.of(
                Golden.model("mini-llava-f16.gguf"), Golden.model("mini-llava-mmproj-f16.gguf")),
            LlavaWorkers.only("What is it?", GenerationConfig.greedy()));

    isolated.open(0).close();
    assertThatThrownBy(() -> isolated.open(1))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("did not open it", "exit code 70");
  }
}
