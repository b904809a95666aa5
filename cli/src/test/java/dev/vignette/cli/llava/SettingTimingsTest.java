package dev.vignette.cli.llava;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vignette.eval.report.RankingTable.Column;
import dev.vignette.llava.Caption.StageMillis;
import dev.vignette.llava.Caption.StageMillis.StageTotals;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class SettingTimingsTest {

  /** Ten milliseconds of encoding and reading an image. */
  private static StageTotals shared(int images) {
    return new StageTotals(images, new StageMillis(6.0 * images, 4.0 * images, 0));
  }

  private static StageTotals own(int captions, double prefill, double decode) {
    return new StageTotals(captions, new StageMillis(0, prefill * captions, decode * captions));
  }

  private static SettingTimings timings(
      int images, StageTotals shared, StageTotals a, StageTotals b) {
    SequencedMap<String, StageTotals> bySetting = new LinkedHashMap<>();
    bySetting.put("a", a);
    bySetting.put("b", b);
    return new SettingTimings(images, shared, bySetting);
  }

  @Test
  void aSettingAlonePaysForTheImageTooAndAllTogetherPayForItOnce() {
    SettingTimings timings = timings(8, shared(8), own(8, 2, 8), own(8, 2, 18));
    assertThat(timings.columns())
        .containsExactly(
            new Column("ms", Map.of("a", "20.00", "b", "30.00")),
            new Column("images/s", Map.of("a", "50.0", "b", "33.3")));
    assertThat(timings.summary())
        .contains("8 of 8 images", "40.00 ms an image", "encode 6.00, prefill 8.00, decode 26.00")
        .contains("25.0 images/s, 1.60 times one setting alone on average.");
  }

  @Test
  void aSettingThatCaptionedNothingNowHasNoTimeAndNoRatioIsGiven() {
    SettingTimings timings = timings(8, shared(4), own(4, 2, 8), StageTotals.NONE);
    assertThat(timings.columns())
        .containsExactly(
            new Column("ms", Map.of("a", "20.00")),
            new Column("images/s", Map.of("a", "50.0 (4 of 8)")));
    assertThat(timings.summary())
        .contains("4 of 8 images", "some settings had captions of an earlier run")
        .doesNotContain("times one");
  }

  @Test
  void whereNothingWasCaptionedNoTimeIsSaid() {
    SettingTimings timings = timings(8, shared(0), StageTotals.NONE, StageTotals.NONE);
    assertThat(timings.summary()).startsWith("Nothing was captioned now");
    assertThat(timings.columns())
        .containsExactly(new Column("ms", Map.of()), new Column("images/s", Map.of()));
  }
}
