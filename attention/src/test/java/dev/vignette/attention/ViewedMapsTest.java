package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.attention.MapView.ViewedMaps;
import dev.vignette.images.PixelPreprocessor;
import dev.vignette.images.PixelPreprocessor.Framing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ViewedMapsTest {
  private static final int SIDE = 8;
  private static final int SINK = 5;

  @Test
  void rawIsTheAttentionItself() {
    WordMaps words = words(noise(1), noise(2));

    assertThat(ViewedMaps.of(MapView.RAW, words, Optional.empty()).words()).isEqualTo(words);
  }

  @Test
  void relativeOfMapsThatAreAllAlikeIsFlat() {
    float[] same = noise(3);
    ViewedMaps viewed = relative(words(same, times(same, 4), times(same, 0.01f)));

    for (PatchMap map : viewed.words().maps()) {
      for (float value : map.values()) {
        assertThat(value).isCloseTo(1, within(1e-4f));
      }
    }
  }

  @Test
  void relativeIsLargestWhereOnlyThatWordLooks() {
    List<float[]> maps = new ArrayList<>();
    for (int word = 0; word < 6; word++) {
      float[] map = noise(word);
      map[SINK] = 3;
      map[20 + word] = 0.5f;
      maps.add(map);
    }
    ViewedMaps viewed = relative(words(maps.toArray(float[][]::new)));

    for (int word = 0; word < 6; word++) {
      assertThat(largest(viewed.words().maps().get(word))).isEqualTo(20 + word);
    }
  }

  @Test
  void sinksDoNotLightUpEvenForTheWordThatFeedsThemMost() {
    float[][] maps = {noise(1), noise(2), noise(3), noise(4)};
    for (int word = 0; word < maps.length; word++) {
      maps[word][SINK] = 1 + 5 * word;
    }
    WordMaps words = words(maps);

    assertThat(largest(words.maps().getLast())).isEqualTo(SINK);
    ViewedMaps viewed = relative(words);
    PatchMap lit = viewed.lit(3, PixelPreprocessor.clip(Framing.CROP, 64).geometry(64, 64));
    assertThat(viewed.words().maps().getLast().values()[SINK]).isEqualTo(1);
    assertThat(lit.values()[SINK]).isZero();
  }

  @Test
  void onlyThePatchThatStandsOutForMostWordsIsASink() {
    float[][] maps = {noise(1), noise(2), noise(3), noise(4), noise(5)};
    for (float[] map : maps) {
      map[SINK] = 2;
    }
    maps[2][30] = 100; // the object of one word, larger in the mean than the sink

    boolean[] sinks = AttentionSinks.of(words(maps));

    assertThat(sinks[SINK]).isTrue();
    assertThat(sinks[30]).isFalse();
    assertThat(count(sinks)).isOne();
  }

  @Test
  void twoWordsTellNoSinks() {
    float[] map = noise(1);
    map[SINK] = 50;

    assertThat(count(AttentionSinks.of(words(map, map)))).isZero();
  }

  @Test
  void contrastIsOverTheGenericMap() {
    float[] word = filled(0.1f);
    word[9] = 0.8f;
    word[40] = 0.8f;
    float[] generic = filled(0.1f);
    generic[40] = 0.8f;

    PatchMap map =
        ViewedMaps.of(MapView.CONTRAST, words(word), Optional.of(new PatchMap(SIDE, generic)))
            .words()
            .maps()
            .getFirst();

    double wordMean = (62 * 0.1 + 2 * 0.8) / 64;
    double genericMean = (63 * 0.1 + 0.8) / 64;
    double smoothing = AttentionRatio.SMOOTHING;
    assertThat(map.values()[9])
        .isCloseTo(
            (float) ((0.8 / wordMean + smoothing) / (0.1 / genericMean + smoothing)),
            within(1e-4f));
    assertThat(largest(map)).isEqualTo(9);
    assertThat(map.values()[40]).isCloseTo(0.9f, within(0.05f));
  }

  @Test
  void contrastWithoutAGenericMapIsRefused() {
    WordMaps words = words(noise(1));

    assertThatThrownBy(() -> ViewedMaps.of(MapView.CONTRAST, words, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("generic instruction");
  }

  @Test
  void ratiosAreFiniteWhateverTheMapsHold() {
    float[] spike = new float[SIDE * SIDE];
    spike[7] = Float.MAX_VALUE;
    float[] below = filled(-1);
    WordMaps words = words(new float[SIDE * SIDE], spike, noise(1), below, filled(Float.MIN_VALUE));
    PatchMap nothing = new PatchMap(SIDE, new float[SIDE * SIDE]);

    for (MapView view : MapView.values()) {
      ViewedMaps viewed = ViewedMaps.of(view, words, Optional.of(nothing));
      for (int word = 0; word < words.words().size(); word++) {
        PatchMap lit = viewed.lit(word, PixelPreprocessor.clip(Framing.PAD, 64).geometry(100, 50));
        for (float value : lit.values()) {
          assertThat(value).isBetween(0f, 1f);
        }
      }
    }
  }

  @Test
  void punctuationIsNoWordOfTheMean() {
    WordMaps words =
        new WordMaps(
            List.of(new CaptionWord("dog", 0, 1, false), new CaptionWord(".", 1, 2, true)),
            List.of(new PatchMap(SIDE, filled(1)), new PatchMap(SIDE, filled(9))));

    assertThat(words.mean()).isEqualTo(new PatchMap(SIDE, filled(1)));
  }

  @Test
  void noiseOfAWordThatLooksNowhereStaysDim() {
    float[] nowhere = filled(1);
    nowhere[12] = 1.2f;
    ViewedMaps viewed = relative(words(filled(1), nowhere, filled(1)));

    PatchMap lit = viewed.lit(1, PixelPreprocessor.clip(Framing.CROP, 64).geometry(64, 64));

    assertThat(largest(lit)).isEqualTo(12);
    assertThat(lit.max()).isLessThan(0.2f);
  }

  @Test
  void flatAttentionIsLitByHalf() {
    ViewedMaps viewed = ViewedMaps.of(MapView.RAW, words(filled(0.003f)), Optional.empty());

    PatchMap lit = viewed.lit(0, PixelPreprocessor.clip(Framing.CROP, 64).geometry(64, 64));

    assertThat(lit.min()).isCloseTo(0.5f, within(1e-4f));
    assertThat(lit.max()).isCloseTo(0.5f, within(1e-4f));
  }

  @Test
  void patchesOfPaddingDoNotSetTheScale() {
    float[] map = filled(0);
    map[0] = 10; // above a wide image
    map[35] = 1;
    ViewedMaps viewed = ViewedMaps.of(MapView.RAW, words(map), Optional.empty());

    PatchMap lit = viewed.lit(0, PixelPreprocessor.clip(Framing.PAD, 64).geometry(160, 80));

    assertThat(lit.values()[35]).isEqualTo(1);
  }

  @Test
  void viewsAreReadByTheirNames() {
    assertThat(MapView.parse("relative")).isEqualTo(MapView.RELATIVE);
    assertThatThrownBy(() -> MapView.parse("Raw"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a view is raw, relative, contrast, not 'Raw'");
  }

  private static ViewedMaps relative(WordMaps words) {
    return ViewedMaps.of(MapView.RELATIVE, words, Optional.empty());
  }

  private static WordMaps words(float[]... maps) {
    List<CaptionWord> words = new ArrayList<>();
    List<PatchMap> all = new ArrayList<>();
    for (int i = 0; i < maps.length; i++) {
      words.add(new CaptionWord("word" + i, i, i + 1, false));
      all.add(new PatchMap(SIDE, maps[i]));
    }
    return new WordMaps(words, all);
  }

  private static float[] noise(int seed) {
    Random random = new Random(seed);
    float[] map = new float[SIDE * SIDE];
    for (int i = 0; i < map.length; i++) {
      map[i] = 0.05f + 0.05f * random.nextFloat();
    }
    return map;
  }

  private static float[] filled(float value) {
    float[] map = new float[SIDE * SIDE];
    Arrays.fill(map, value);
    return map;
  }

  private static float[] times(float[] map, float factor) {
    float[] product = map.clone();
    for (int i = 0; i < product.length; i++) {
      product[i] *= factor;
    }
    return product;
  }

  private static int largest(PatchMap map) {
    int largest = 0;
    for (int i = 0; i < map.values().length; i++) {
      largest = map.values()[i] > map.values()[largest] ? i : largest;
    }
    return largest;
  }

  private static int count(boolean[] flags) {
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }
}
