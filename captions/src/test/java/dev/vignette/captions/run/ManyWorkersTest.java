package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several workers, each with several images in hand, are one run. */
class ManyWorkersTest {
  private static final int COUNT = 12;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved files;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    files = Runs.output(folder.resolve("predictions.json"));
  }

  @Test
  void severalWorkersWithManyImagesInHandGiveTheSamePredictions() {
    Runs.run(new HashCaptioner(), Runs.folder(images), files);
    ManyAtOnceCaptioner many = new ManyAtOnceCaptioner(3, 4);

    RunOutput.Saved output = Runs.output(folder.resolve("many.json"));
    RunResult result = Runs.run(many, Runs.folder(images), output);

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(many.threads).hasSize(3).contains(Thread.currentThread());
    assertThat(Collections.max(many.sizes)).isGreaterThan(1).isLessThanOrEqualTo(4);
    assertThat(output.first().path()).hasSameBinaryContentAs(files.first().path());
  }

  @Test
  void anImageThatFailsAmongManyInHandFailsAlone() {
    ManyAtOnceCaptioner many = new ManyAtOnceCaptioner(2, 4);
    many.bad.addAll(List.of("002", "007"));

    RunResult result = Runs.run(many, Runs.folder(images), files);

    assertThat(result.captioned()).isEqualTo(COUNT - 2);
    assertThat(result.failures())
        .extracting(failure -> failure.image().key())
        .containsExactly("002", "007");
  }

  @Test
  void anImageThatFailsItsNeighboursIsFoundByHalves() {
    FailsTogetherCaptioner together = new FailsTogetherCaptioner(List.of("001"));

    RunResult result = Runs.run(together, Runs.folder(images), files);

    assertThat(result.captioned()).isEqualTo(COUNT - 1);
    assertThat(result.failures())
        .extracting(failure -> failure.image().key())
        .containsExactly("001");
    assertThat(together.failedTogether).containsExactly(4, 2, 1);
  }
}
