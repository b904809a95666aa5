package dev.vignette.captioner;

import static dev.vignette.captioner.MiniAdapters.EVERYWHERE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.captioner.model.PrecisionChoice;
import dev.vignette.captions.run.CaptionDetails;
import dev.vignette.captions.run.CaptionWorkers;
import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.ImageInput;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;
import dev.vignette.torch.fixture.SharedData;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VitGpt2CaptionerTest {
  private static final int IMAGES = 18;
  private static final Path FOLDER = SharedData.inRepository("models/mini/data/images/val");

  @TempDir Path folder;
  private final MiniAdapters mini = new MiniAdapters();

  @BeforeEach
  void saveAdapter() throws Exception {
    mini.save(folder, EVERYWHERE);
  }

  @AfterEach
  void closeArrays() {
    mini.close();
  }

  private VitGpt2Captioner load(GenerationConfig config, PrecisionChoice precision)
      throws Exception {
    return VitGpt2Captioner.load(folder, mini.origin, config, precision);
  }

  private static CaptionTask<float[]> task(VitGpt2Captioner captioner, int number) {
    Path file = FOLDER.resolve("%012d.jpg".formatted(number));
    return new CaptionTask<>(
        new ImageInput(file, file.getFileName().toString()),
        captioner.prepare(RgbImage.read(file)),
        List.of(CaptionWorkers.ONLY_SETTING));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void imagesThatJoinTheRunningBatchGetTheCaptionsThatTheyGetAlone(int beams) throws Exception {
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(8).numBeams(beams).build();
    Map<CaptionTask<float[]>, String> captions = new LinkedHashMap<>();
    List<Integer> answeredAtOnce = new ArrayList<>();
    try (VitGpt2Captioner captioner = load(config, PrecisionChoice.FP32)) {
      Deque<CaptionTask<float[]>> waiting = new ArrayDeque<>();
      for (int i = 1; i <= IMAGES; i++) {
        waiting.add(task(captioner, i));
      }
      try (CaptionWorker<float[]> worker = captioner.open(0)) {
        boolean left = true;
        int inHand = 0;
        while (left || !waiting.isEmpty()) {
          // Three a step, so that they leave at different steps too.
          for (int i = 0; i < 3 && inHand < worker.capacity() && !waiting.isEmpty(); i++) {
            submit(worker, waiting.remove(), captions);
            inHand++;
          }
          int before = captions.size();
          left = worker.step();
          answeredAtOnce.add(captions.size() - before);
          inHand -= captions.size() - before;
        }
      }
      assertThat(captions).hasSize(IMAGES);
      for (var entry : captions.entrySet()) {
        assertThat(entry.getValue())
            .isEqualTo(captioner.caption(List.of(entry.getKey().prepared())).getFirst().caption());
      }
    }
    // Each was answered when it was done, not with all in hand.
    assertThat(answeredAtOnce).allMatch(count -> count < 12);
  }

  private static void submit(
      CaptionWorker<float[]> worker,
      CaptionTask<float[]> task,
      Map<CaptionTask<float[]>, String> captions) {
    worker.submit(
        task,
        new CaptionWorker.Listener() {
          @Override
          public void captioned(List<CaptionDetails> made) {
            captions.put(task, made.getFirst().caption());
          }

          @Override
          public void failed(RuntimeException reason) {
            throw reason;
          }
        });
  }

  @Test
  void captionsOfAnotherPrecisionAreNotTakenForThese() throws Exception {
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(5).build();
    String setting = CaptionWorkers.ONLY_SETTING;
    try (VitGpt2Captioner exact = load(config, PrecisionChoice.FP32);
        VitGpt2Captioner same = VitGpt2Captioner.load(folder, mini.origin, config);
        VitGpt2Captioner rounded = load(config, PrecisionChoice.BF16)) {
      assertThat(same.fingerprint(setting)).isEqualTo(exact.fingerprint(setting));
      assertThat(rounded.fingerprint(setting)).isNotEqualTo(exact.fingerprint(setting));
      CaptionTask<float[]> task = task(rounded, 1);
      assertThat(rounded.caption(List.of(task.prepared()))).hasSize(1);
    }
  }
}
