package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.cli.llava.BatchChoice.BatchTrial;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.llama.LlamaException;
import dev.vignette.llava.BatchSizing;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class BatchChoiceTest {

  private static final Path MODELS =
      Path.of(System.getProperty("vignette.root", "..")).resolve("models/mini");
  private static final Room CARD = new Room(true, "CUDA0 (a card)", 80_000_000_000L);

  private final StringWriter said = new StringWriter();
  private final List<BatchPlan> tried = new ArrayList<>();

  private static BatchChoice choice(OptionalInt size, Room... rooms) {
    return new BatchChoice(sizing(false), List.of(rooms), size, OptionalInt.of(2));
  }

  private static BatchSizing sizing(boolean apart) {
    LlavaOptions options =
        LlavaOptions.of(
            MODELS.resolve("mini-llava-Q8_0.gguf"), MODELS.resolve("mini-llava-mmproj-f16.gguf"));
    return BatchSizing.of(
        options, List.of(LlavaWorkers.only("What is it?", GenerationConfig.greedy())), apart);
  }

  /** A card that has room for so many images in all. */
  private BatchTrial roomFor(int images) {
    return new BatchTrial() {
      @Override
      public boolean succeeds(BatchPlan plan, Room room) {
        tried.add(plan);
        return plan.workers() * plan.size() <= images;
      }

      @Override
      public String lastWords() {
        return "CUDA error: out of memory";
      }
    };
  }

  private BatchPlan plan(BatchChoice choice, int images, int room) {
    return choice.plan(images, () -> roomFor(room), new PrintWriter(said));
  }

  @Test
  void aTrialThatDiesHalvesTheBatchAndSaysSo() {
    BatchPlan plan = plan(choice(OptionalInt.empty(), CARD), 1000, 30);

    assertThat(plan).isEqualTo(new BatchPlan(2, 12));
    assertThat(tried)
        .containsExactly(new BatchPlan(2, 48), new BatchPlan(2, 24), new BatchPlan(2, 12));
    assertThat(said.toString().lines())
        .containsExactly(
            "CUDA0 (a card) has no room for 2 workers of 48 images each; going on with 2 workers of 24.",
            "CUDA0 (a card) has no room for 2 workers of 24 images each; going on with 2 workers of 12.");
  }

  @Test
  void aCardWithoutRoomForOneImageIsASentenceWithWhatIsNeeded() {
    assertThatThrownBy(() -> plan(choice(OptionalInt.empty(), CARD), 1000, 0))
        .isInstanceOf(LlamaException.class)
        .hasMessageContainingAll(
            "GB for one image at a time",
            "80.0 GB free",
            "CUDA error: out of memory",
            "--device cpu");
    assertThat(tried).last().isEqualTo(new BatchPlan(1, 1));
  }

  @Test
  void whatTheUserSaysAndWhatAProcessorDoesIsNotTried() {
    Room machine = new Room(false, "this machine", Long.MAX_VALUE);

    assertThat(plan(choice(OptionalInt.of(200), CARD), 1000, 0)).isEqualTo(new BatchPlan(2, 200));
    assertThat(plan(choice(OptionalInt.empty(), machine), 1000, 0)).isEqualTo(new BatchPlan(2, 32));
    assertThat(tried).isEmpty();
  }

  @Test
  void fewImagesAreSharedOutAndNotWorthATrial() {
    assertThat(plan(choice(OptionalInt.empty(), CARD, CARD), 10, 0)).isEqualTo(new BatchPlan(2, 3));
    assertThat(plan(choice(OptionalInt.empty(), CARD), 60, 0)).isEqualTo(new BatchPlan(2, 16));
    assertThat(tried).isEmpty();
  }

  @Test
  void withoutATrialAWorkerHasFewImagesAndHalfOfTheMemory() {
    BatchChoice choice = choice(OptionalInt.empty(), CARD);

    assertThat(choice.untried(8)).isEqualTo(new BatchPlan(2, 4));
    assertThat(choice.untried(1000)).isEqualTo(new BatchPlan(2, 16));

    Room small = new Room(true, "CUDA1 (a card)", 130_000_000L);
    BatchChoice tight = choice(OptionalInt.empty(), small);
    assertThat(tight.untried(1000)).isEqualTo(new BatchPlan(2, 8));
  }

  @Test
  void aProcessorOnlySharesTheImagesOut() {
    Room machine = new Room(false, "this machine", Long.MAX_VALUE);

    assertThat(choice(OptionalInt.empty(), machine).untried(5)).isEqualTo(new BatchPlan(2, 3));
    assertThat(choice(OptionalInt.empty(), machine).untried(1000)).isEqualTo(new BatchPlan(2, 32));
  }

  @Test
  void processesApartAreNotTriedInOne() {
    List<Room> card = List.of(CARD);
    BatchChoice two = new BatchChoice(sizing(true), card, OptionalInt.empty(), OptionalInt.of(2));
    BatchChoice one = new BatchChoice(sizing(true), card, OptionalInt.empty(), OptionalInt.of(1));

    assertThat(plan(two, 1000, 0)).isEqualTo(new BatchPlan(2, 16));
    assertThat(tried).isEmpty();
    assertThat(plan(one, 1000, 48)).isEqualTo(new BatchPlan(1, 48));
    assertThat(tried).hasSize(1);
  }

  @Test
  void theFullestOfSeveralCardsDecides() {
    Room full = new Room(true, "CUDA1 (a card)", 40_000_000L);

    assertThat(plan(choice(OptionalInt.empty(), CARD, full), 1000, 1000).size()).isLessThan(48);
  }
}
