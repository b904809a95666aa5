package dev.vignette.eval.localization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionTrace;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.attention.CaptionWord;
import dev.vignette.attention.MapView;
import dev.vignette.attention.PatchMap;
import dev.vignette.captions.run.UsageException;
import dev.vignette.eval.metric.Bootstrap;
import dev.vignette.images.PixelGeometry;
import dev.vignette.images.PixelGeometry.Box;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The figures of localization on attention whose answer is known. */
class LocalizationStudyTest {
  private static final int SIDE = 4;
  private static final PixelGeometry GEOMETRY = new PixelGeometry(40, 40, 40, 1, 1, 0, 0);
  private static final Bootstrap BOOTSTRAP = new Bootstrap(1, 200);

  /** The patch that a thing fills. */
  private static NamedBoxes thing(String word, int patch) {
    double left = patch % SIDE * 10;
    double top = patch / SIDE * 10;
    return new NamedBoxes(word, word + "s", List.of(new Box(left, top, left + 10, top + 10)));
  }

  private static float[] row(int patch, float peak) {
    float[] row = new float[1 + SIDE * SIDE];
    float rest = (1 - peak) / (row.length - 1);
    Arrays.fill(row, rest);
    row[1 + patch] = peak;
    return row;
  }

  /**
   * "a dog and a cat": layer 0 looks at one random patch whatever the word; layer 1 at the dog for
   * dog and at the cat for cat.
   */
  private static AttendedCaption caption(Random random, int dog, int cat) {
    List<String> pieces = List.of("a", " dog", " and", " a", " cat");
    float[][][] rows = new float[pieces.size()][2][];
    int anywhere = random.nextInt(SIDE * SIDE);
    for (int token = 0; token < rows.length; token++) {
      rows[token][0] = row(anywhere, 0.5f);
      int target = token == 1 ? dog : token == 4 ? cat : random.nextInt(SIDE * SIDE);
      rows[token][1] = row(target, 0.5f);
    }
    return new AttendedCaption(
        "a dog and a cat",
        new AttentionTrace(pieces, List.of(0, 1), List.of(0), new PatchGrid(1, SIDE), rows),
        GEOMETRY);
  }

  private static LocalizationReport study(int captions) {
    Random random = new Random(5);
    LocalizationStudy study = new LocalizationStudy(2, 1);
    for (int i = 0; i < captions; i++) {
      int dog = random.nextInt(8);
      int cat = 8 + random.nextInt(8);
      study.add(caption(random, dog, cat), List.of(thing("dog", dog), thing("cat", cat)));
    }
    return study.report(BOOTSTRAP);
  }

  @Test
  void theLayerThatLooksAtWhatIsNamedIsFoundAndBeatsBothBaselines() {
    LocalizationReport report = study(40);
    assertThat(report.nouns()).isEqualTo(80);
    assertThat(report.chosen().layer()).isEqualTo(1);
    assertThat(report.pointing().figure()).isEqualTo(1);
    assertThat(report.pointing().beatsBoth()).isTrue();
    assertThat(report.mass().beatsBoth()).isTrue();
    assertThat(report.uniformPointing()).isCloseTo(1.0 / 16, within(1e-9));
  }

  @Test
  void aLayerThatLooksAnywhereDoesNotBeatItsOwnMean() {
    LocalizationReport report = study(40);
    LocalizationReport.ChoiceFigures blind =
        report.choices().stream()
            .filter(figures -> figures.choice().equals(new MapChoice(0, 0, MapView.RAW)))
            .findFirst()
            .orElseThrow();
    assertThat(blind.pointing()).isEqualTo(blind.meanPointing()).isLessThan(0.2);
    assertThat(blind.mass()).isCloseTo(blind.meanMass(), within(1e-6));
  }

  @Test
  void captionsThatNameNothingAreCountedApartAndTooFewAreRefused() {
    LocalizationStudy study = new LocalizationStudy(2, 1);
    study.add(caption(new Random(1), 0, 9), List.of(thing("horse", 3)));
    assertThatThrownBy(() -> study.report(BOOTSTRAP))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("at least 4")
        .hasMessageContaining("1 others name none");
  }

  @Test
  void aUniformMapHasTheMassOfTheArea() {
    BoxCover cover = BoxCover.of(GEOMETRY, SIDE, List.of(new Box(3, 7, 22, 31)));
    assertThat(cover.massOverArea(PatchMap.uniform(SIDE))).isCloseTo(1, within(1e-6));
    assertThat(cover.share()).isCloseTo(19.0 * 24 / 1600, within(1e-12));
  }

  @Test
  void boxesThatOverlapCountOnce() {
    BoxCover cover =
        BoxCover.of(GEOMETRY, SIDE, List.of(new Box(0, 0, 20, 10), new Box(10, 0, 30, 20)));
    assertThat(cover.share()).isCloseTo((200 + 400 - 100) / 1600.0, within(1e-12));
  }

  @Test
  void whatIsCroppedAwayHasNoArea() {
    PixelGeometry wide = new PixelGeometry(80, 40, 40, 1, 1, 20, 0);
    BoxCover cover = BoxCover.of(wide, SIDE, List.of(new Box(0, 0, 20, 40)));
    assertThat(cover.share()).isZero();
  }

  @Test
  void aThingOfTwoWordsOrInThePluralIsFoundAsWholeWords() {
    NamedBoxes bear = new NamedBoxes("teddy bear", "teddy bears", thing("x", 0).boxes());
    List<CaptionWord> words =
        CaptionWord.of(List.of("Two", " ted", "dy", " bears", " and", " a", " bear", "ing"));
    assertThat(NounWords.find(words, bear)).isEqualTo(Optional.of(new NounWords(1, 3)));
    NamedBoxes plain = new NamedBoxes("bear", "bearz", thing("x", 0).boxes());
    assertThat(NounWords.find(words, plain)).isEmpty();
  }
}
