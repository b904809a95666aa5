package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.llava.BatchPlan;
import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.LlavaOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTrialTest {

  private static final BatchPlan PLAN = new BatchPlan(2, 32);

  @TempDir Path folder;

  private static Room free(long bytes) {
    return new Room(true, "CUDA0", bytes);
  }

  /** A process that notes the plan it was given and ends with a code. */
  private ProcessTrial ending(int code) throws IOException {
    Path model = folder.resolve("model.gguf");
    if (!Files.exists(model)) {
      Files.writeString(model, "a model");
    }
    String script = "echo $VIGNETTE_TRIES_PLAN >>'%s'; echo some; echo last; exit %d";
    return new ProcessTrial(
        List.of("sh", "-c", script.formatted(folder.resolve("tried"), code)),
        LlavaOptions.of(model, model),
        "settings",
        folder.resolve("caches"));
  }

  private List<String> tried() throws IOException {
    return Files.readAllLines(folder.resolve("tried"));
  }

  @Test
  void aPlanThatFittedIsNotTriedAgainWhereAsMuchIsFree() throws IOException {
    assertThat(ending(0).succeeds(PLAN, free(1000))).isTrue();
    assertThat(ending(0).succeeds(PLAN, free(990))).isTrue();
    assertThat(tried()).containsExactly("2x32");

    assertThat(ending(0).succeeds(PLAN, free(500))).isTrue();
    assertThat(ending(0).succeeds(new BatchPlan(2, 16), free(1000))).isTrue();
    assertThat(tried()).containsExactly("2x32", "2x32", "2x16");
  }

  @Test
  void anAbortOrASignalMeansNoRoomAndAnythingElseIsLeftToTheRun() throws IOException {
    ProcessTrial aborting = ending(70);
    assertThat(aborting.succeeds(PLAN, free(1000))).isFalse();
    assertThat(aborting.lastWords()).isEqualTo("last");
    assertThat(ending(137).succeeds(PLAN, free(1000))).isFalse();
    assertThat(ending(2).succeeds(PLAN, free(1000))).isTrue();
    assertThat(ending(70).succeeds(PLAN, free(1000))).as("nothing was remembered").isFalse();
  }
}
