package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.attention.AttentionTrace.PatchGrid;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordMapsTest {
  /** (tokens 3, layers 1 · heads 2, keys): one key before the four of the image. */
  private static final float[][][] ROWS = {
    {{0.6f, 0.1f, 0.1f, 0.1f, 0.1f}, {0.2f, 0.5f, 0.1f, 0.1f, 0.1f}},
    {{0.0f, 1.0f, 0.0f, 0.0f, 0.0f}, {1.0f, 0.0f, 0.0f, 0.0f, 0.0f}},
    {{0.5f, 0.0f, 0.0f, 0.0f, 0.5f}, {0.5f, 0.0f, 0.5f, 0.0f, 0.0f}}
  };

  private static final AttentionTrace TRACE =
      new AttentionTrace(
          List.of("a", " gir", "affe"), List.of(9), List.of(1, 4), new PatchGrid(1, 2), ROWS);

  @Test
  void aWordIsTheMeanOfItsTokensLayersAndHeadsOnTheImage() {
    WordMaps words = WordMaps.of(TRACE);

    assertThat(words.words()).extracting(CaptionWord::text).containsExactly("a", "giraffe");
    assertThat(words.maps().get(0).values())
        .containsExactly(new float[] {0.3f, 0.1f, 0.1f, 0.1f}, within(1e-6f));
    assertThat(words.maps().get(1).values())
        .containsExactly(new float[] {0.25f, 0.125f, 0, 0.125f}, within(1e-6f));
  }

  @Test
  void oneHeadIsThatHeadAlone() {
    assertThat(WordMaps.of(TRACE, 0, 1).maps().get(1).values())
        .containsExactly(new float[] {0, 0.25f, 0, 0}, within(1e-6f));
  }

  @Test
  void theShareOfARowIsWhatFallsOnTheImage() {
    assertThat(TRACE.share(0, 0, 0)).isCloseTo(0.4, within(1e-6));
    assertThat(TRACE.share(1, 0, 1)).isZero();
  }

  @Test
  void rowsThatEndBeforeTheImageAreRefused() {
    assertThatThrownBy(() ->
            new AttentionTrace(
                List.of("a"),
                List.of(0),
                List.of(),
                new PatchGrid(3, 2),
                new float[][][] {{{1, 0}}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keys 3 to 6")
        .hasMessageContaining("2 keys");
  }

  @Test
  void mapsHoldNoInfinities() {
    assertThatThrownBy(() -> new PatchMap(1, new float[] {Float.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
  }
}
