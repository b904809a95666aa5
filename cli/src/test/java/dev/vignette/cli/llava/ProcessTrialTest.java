package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.llava.BatchSizing.Room;
import dev.vignette.llava.LlavaOptions;
import dev.vignette.llava.LlavaWorkers.BatchPlan;
import dev.vignette.llava.PromptTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
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
    return ending(code, UnaryOperator.identity());
  }

  private ProcessTrial ending(int code, UnaryOperator<LlavaOptions> change) throws IOException {
    String script = "echo $VIGNETTE_TRIES_PLAN >>'%s'; echo some; echo last; exit %d";
    return running(script.formatted(folder.resolve("tried"), code), change);
  }

  private ProcessTrial running(String script, UnaryOperator<LlavaOptions> change)
      throws IOException {
    Path model = folder.resolve("model.gguf");
    Path natives = folder.resolve("natives");
    if (!Files.exists(model)) {
      Files.writeString(model, "a model");
      Files.writeString(Files.createDirectory(natives).resolve("libggml.so"), "a library");
    }
    return new ProcessTrial(
        List.of("sh", "-c", script),
        change.apply(LlavaOptions.of(model, model)),
        "settings",
        natives,
        folder.resolve("caches"));
  }

  private List<String> tried() throws IOException {
    return Files.readAllLines(folder.resolve("tried"));
  }

  @Test
  void aPlanThatFittedIsNotTriedAgainWhereAsMuchIsFree() throws IOException {
    assertThat(ending(0).succeeds(PLAN, free(1000))).isTrue();
    assertThat(ending(0).succeeds(PLAN, free(1000))).isTrue();
    assertThat(tried()).containsExactly("2x32");

    assertThat(ending(0).succeeds(PLAN, free(999))).isTrue();
    assertThat(tried()).as("less was free").containsExactly("2x32", "2x32");
    assertThat(ending(0).succeeds(PLAN, free(999))).isTrue();
    assertThat(tried()).as("which suffices from now on").containsExactly("2x32", "2x32");

    assertThat(ending(0).succeeds(PLAN, free(500))).isTrue();
    assertThat(ending(0).succeeds(new BatchPlan(2, 16), free(1000))).isTrue();
    assertThat(tried()).containsExactly("2x32", "2x32", "2x32", "2x16");
  }

  @Test
  void anotherNativeBuildOrTemplateIsTriedAnew() throws IOException {
    assertThat(ending(0).succeeds(PLAN, free(1000))).isTrue();
    PromptTemplate template = PromptTemplate.parse("A long opening <image> {instruction}");
    assertThat(ending(0, options -> options.withTemplate(template)).succeeds(PLAN, free(1000)))
        .isTrue();
    assertThat(tried()).hasSize(2);

    Files.writeString(folder.resolve("natives/libggml.so"), "a library of another version");
    assertThat(ending(0).succeeds(PLAN, free(1000))).isTrue();
    assertThat(tried()).hasSize(3);
  }

  @Test
  void aTrialThatDoesNotEndIsKilledAndMeansNoRoom() throws IOException {
    ProcessTrial endless = running("exec sleep 1000", UnaryOperator.identity());
    assertThat(endless.within(Duration.ZERO).succeeds(PLAN, free(1000))).isFalse();
    assertThat(endless.lastWords()).contains("did not end");
    assertThat(ProcessHandle.current().children())
        .noneMatch(child -> child.info().commandLine().orElse("").contains("sleep 1000"));
  }

  @Test
  void plansAreRememberedBesideTheOtherCaches() {
    Path home = Path.of("/home/ada");
    assertThat(
            ProcessTrial.folder(Map.of("VIGNETTE_CACHE", "/own", "XDG_CACHE_HOME", "/all"), home))
        .isEqualTo(Path.of("/own/batches"));
    assertThat(ProcessTrial.folder(Map.of("XDG_CACHE_HOME", "/all"), home))
        .isEqualTo(Path.of("/all/vignette/batches"));
    assertThat(ProcessTrial.folder(Map.of("XDG_CACHE_HOME", "relative"), home))
        .isEqualTo(Path.of("/home/ada/.cache/vignette/batches"));
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
