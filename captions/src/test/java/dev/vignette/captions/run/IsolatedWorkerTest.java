package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.images.RgbImage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void aRunGoesOnAroundAnImageThatKillsTheModelAmongOthers() {
    IsolatedHash isolated = new IsolatedHash(3, List.of(deadly("001.png")));

    RunResult result = Runs.run(isolated, Runs.folder(images), output);

    assertThat(result.captioned()).isEqualTo(COUNT - 1);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure ->
            assertThat(failure.line()).contains("001.png", "process of the model ended", "134"));

    RunOutput.Saved whole = Runs.output(folder.resolve("whole.json"));
    Runs.run(new HashCaptioner(), Runs.folder(images), whole);
    HashCaptioner again = new HashCaptioner();
    Runs.run(again, Runs.folder(images), output);
    assertThat(again.images()).as("only what failed is tried again").isEqualTo(1);
    assertThat(output.first().path()).hasSameBinaryContentAs(whole.first().path());
  }

  @Test
  void aModelThatCannotBeOpenedEndsTheRunWithASentence() {
    IsolatedHash isolated = new IsolatedHash(1, List.of("start"));

    assertThatThrownBy(() -> Runs.run(isolated, Runs.folder(images), output))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("did not open it", "exit code 70", "--isolate");
  }
}
