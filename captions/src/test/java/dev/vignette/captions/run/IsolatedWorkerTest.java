package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.isolated.IsolatedWorker;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class IsolatedWorkerTest {
  private static final int COUNT = 6;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved output;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    output = RunOutput.Saved.to(folder.resolve("p.json"), KeyMode.STEM, true, null, false);
  }

  private String deadly(String name) {
    return "at" + new HashCaptioner().prepare(RgbImage.read(images.resolve(name)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"at", "crash"})
  void aRunGoesOnAroundAnImageThatKillsTheModelAmongOthers(String how) {
    IsolatedHash isolated = new IsolatedHash(3, List.of(deadly("001.png").replaceFirst("at", how)));

    RunResult result = Runs.run(isolated, Runs.folder(images), output);

    assertThat(result.captioned()).isEqualTo(COUNT - 1);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure ->
            assertThat(failure.line())
                .contains("001.png", "process of the model ended", "exit code"));

    RunOutput.Saved whole = Runs.output(folder.resolve("whole.json"));
    Runs.run(new HashCaptioner(), Runs.folder(images), whole);
    HashCaptioner again = new HashCaptioner();
    Runs.run(again, Runs.folder(images), output);
    assertThat(again.images()).as("only what failed is tried again").isEqualTo(1);
    assertThat(output.first().path()).hasSameBinaryContentAs(whole.first().path());
  }

  @Test
  void aKillWith32ImagesInHandHalvesThemUntilOneIsLeft() throws IOException {
    Path many = Pictures.writeMany(folder.resolve("many"), 33);
    Path starts = Files.createDirectory(folder.resolve("starts"));
    String deadly = "at" + new HashCaptioner().prepare(RgbImage.read(many.resolve("005.png")));
    IsolatedHash isolated = new IsolatedHash(32, List.of(deadly)).noting(starts);

    RunResult result = Runs.run(isolated, Runs.folder(many), output);

    assertThat(result.captioned()).isEqualTo(32);
    assertThat(result.failures())
        .extracting(failure -> failure.image().key())
        .containsExactly("005");
    try (Stream<Path> started = Files.list(starts)) {
      assertThat(started).as("the first start and six again").hasSize(7);
    }
  }

  @Test
  void aModelThatCannotBeOpenedEndsTheRunWithASentence() {
    IsolatedHash isolated = new IsolatedHash(1, List.of("start0"));

    assertThatThrownBy(() -> Runs.run(isolated, Runs.folder(images), output))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("did not open it", "exit code 70", "--isolate");
  }

  @Test
  void aSecondProcessThatCannotOpenItsModelIsMissedOnly() {
    IsolatedHash isolated = new IsolatedHash(1, List.of("start1")).inProcesses(2);

    RunResult result = Runs.run(isolated, Runs.folder(images), output);

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.exitCode()).isZero();
    assertThat(result.notes())
        .singleElement()
        .asString()
        .contains("Worker 2 cannot be opened", "did not open it", "exit code 70");
  }

  @Test
  void aProcessThatCannotBeStartedAtOnceIsASentence() {
    IsolatedWorker<Integer> worker =
        new IsolatedWorker<>(
            new ProcessBuilder(folder.resolve("nothing").toString()), 1, IsolatedHash.PIPE);

    assertThatThrownBy(worker::opened)
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("did not open it (exit code 127)", "--isolate");
  }
}
