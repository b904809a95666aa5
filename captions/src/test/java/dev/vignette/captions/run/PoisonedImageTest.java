package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.Predictions;
import dev.vignette.captions.run.ImageInput.KeyMode;
import dev.vignette.images.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that ends the process of a run is known by that, tried alone and then left out. */
class PoisonedImageTest {
  private static final int COUNT = 10;

  @TempDir Path folder;
  private Path images;
  private Path predictions;
  private RunOutput.Saved output;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    predictions = folder.resolve("predictions.json");
    output = Runs.output(predictions);
  }

  private Map<String, String> captions() {
    return Predictions.read(predictions).captions();
  }

  /** Captions all but one, at which the process would end: an Error goes through like a kill. */
  private HashCaptioner endingAt(String name) {
    int poison = new HashCaptioner().prepare(RgbImage.read(images.resolve(name)));
    return new HashCaptioner(3, "greedy")
        .before(hashes -> {
          if (hashes.contains(poison)) {
            throw new AssertionError("killed");
          }
        });
  }

  @Test
  void anImageThatEndsTheProcessTwiceIsAFailureAndAllOthersAreCaptioned() throws IOException {
    assertThatThrownBy(() -> Runs.run(endingAt("004.png"), Runs.folder(images), output))
        .hasMessage("killed");
    HashCaptioner second = endingAt("004.png");
    assertThatThrownBy(() -> Runs.run(second, Runs.folder(images), output)).hasMessage("killed");
    assertThat(second.calls.getLast()).as("last and alone").hasSize(1);

    for (int time = 0; time < 2; time++) {
      RunResult result = Runs.run(endingAt("004.png"), Runs.folder(images), output);

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.failures())
          .singleElement()
          .satisfies(failure ->
              assertThat(failure.line()).contains("004.png", "2 times the process ended"));
      assertThat(captions()).hasSize(COUNT - 1).doesNotContainKey("004");
    }
  }

  @Test
  void onePoisonAmongSixteenInHandCostsTwoRerunsAndSixteenImagesAlone() throws IOException {
    Path many = Pictures.writeMany(folder.resolve("many"), 40);
    int poison = new HashCaptioner().prepare(RgbImage.read(many.resolve("020.png")));
    List<Integer> alone = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      HashCaptioner dying = new HashCaptioner(16, "greedy");
      dying.before(hashes -> {
        if (hashes.contains(poison)) {
          throw new AssertionError("killed");
        }
      });
      assertThatThrownBy(() -> Runs.run(dying, Runs.folder(many), output)).hasMessage("killed");
      dying.calls.stream().filter(call -> call.size() == 1).forEach(alone::addAll);
    }
    HashCaptioner last = new HashCaptioner(16, "greedy");
    RunResult result = Runs.run(last, Runs.folder(many), output);
    last.calls.forEach(alone::addAll);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.image().key()).isEqualTo("020"));
    assertThat(captions()).hasSize(39);
    assertThat(alone).hasSize(16).doesNotHaveDuplicates();
  }

  @Test
  void anImageUnderSuspicionThatDoesNoHarmIsCaptionedLikeAnyOther() {
    HashCaptioner dying = new HashCaptioner(4, "greedy");
    dying.before(_ -> {
      throw new AssertionError("killed");
    });
    assertThatThrownBy(() -> Runs.run(dying, Runs.folder(images), output)).hasMessage("killed");
    HashCaptioner again = new HashCaptioner(4, "greedy");

    assertThat(Runs.run(again, Runs.folder(images), output).exitCode()).isZero();

    assertThat(again.calls.stream().map(List::size)).containsExactly(4, 2, 1, 1, 1, 1);
    assertThat(captions()).hasSize(COUNT);
  }

  @Test
  void anImageThatEndedTheProcessTwiceIsTriedAgainWhenItChangesOrIsOverwritten()
      throws IOException {
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> Runs.run(endingAt("004.png"), Runs.folder(images), output))
          .hasMessage("killed");
    }
    ImageInputs alone =
        ImageInputs.find(List.of(images.resolve("004.png").toString()), List.of(), KeyMode.STEM);

    assertThat(Runs.run(new HashCaptioner(), alone, output).failures()).hasSize(1);
    assertThat(Runs.run(new HashCaptioner(), alone, Runs.overwriting(predictions)).captioned())
        .isEqualTo(1);

    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> Runs.run(endingAt("004.png"), alone, Runs.overwriting(predictions)))
          .hasMessage("killed");
    }
    Pictures.write(images.resolve("004.png"), 4444);
    assertThat(Runs.run(new HashCaptioner(), alone, output).captioned()).isEqualTo(1);
  }

  @Test
  void anOverwriteThatIsKilledAtAnImageTwiceLeavesItsCaptionAndTriesItAloneWhenAsked() {
    Runs.run(new HashCaptioner(), Runs.folder(images), output);
    String before = captions().get("004");
    for (int time = 0; time < 2; time++) {
      HashCaptioner dying = endingAt("004.png");
      assertThatThrownBy(() -> Runs.run(dying, Runs.folder(images), Runs.overwriting(predictions)))
          .hasMessage("killed");
    }
    ImageInputs alone =
        ImageInputs.find(List.of(images.resolve("004.png").toString()), List.of(), KeyMode.STEM);

    RunResult result =
        Runs.run(endingAt("004.png"), Runs.folder(images), Runs.overwriting(predictions));

    assertThat(result.failures())
        .singleElement()
        .satisfies(
            failure -> assertThat(failure.line()).contains("004.png", "alone with --overwrite"));
    assertThat(captions()).hasSize(COUNT).containsEntry("004", before);
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> Runs.run(endingAt("004.png"), alone, Runs.overwriting(predictions)))
          .hasMessage("killed");
    }
    assertThat(Runs.run(new HashCaptioner(), alone, Runs.overwriting(predictions)).captioned())
        .isEqualTo(1);
  }

  @Test
  void anImageThatFailsIsNotUnderSuspicion() {
    HashCaptioner failing = new HashCaptioner();
    failing.before(_ -> {
      if (failing.calls.size() == 5) {
        throw new IllegalStateException("decode returned -3");
      }
      if (failing.calls.size() == 7) {
        throw new AssertionError("killed");
      }
    });
    assertThatThrownBy(() -> Runs.run(failing, Runs.folder(images), output)).hasMessage("killed");
    HashCaptioner again = new HashCaptioner(2, "greedy");

    Runs.run(again, Runs.folder(images), output);

    assertThat(again.calls.stream().map(List::size)).containsExactly(2, 2, 1);
  }
}
