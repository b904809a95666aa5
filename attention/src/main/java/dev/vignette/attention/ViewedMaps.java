package dev.vignette.attention;

import dev.vignette.images.PixelGeometry;
import java.util.List;
import java.util.Optional;

/**
 * The maps of a caption's words in a view; every number in them is finite.
 *
 * @param view how they are looked at
 * @param words the words, and for each its map in that view: attention if {@link MapView#RAW}, a
 *     ratio above 0 otherwise, in which attention sinks are 1
 */
public record ViewedMaps(MapView view, WordMaps words) {

  /**
   * Looks at the maps.
   *
   * @param words attention
   * @param generic attention under a generic instruction, for {@link MapView#CONTRAST}
   * @throws IllegalArgumentException if the view needs {@code generic} and there is none
   */
  public static ViewedMaps of(MapView view, WordMaps words, Optional<PatchMap> generic) {
    if (words.maps().isEmpty()) {
      return new ViewedMaps(view, words);
    }
    return switch (view) {
      case RAW -> new ViewedMaps(view, words);
      case RELATIVE -> over(view, words, words.mean());
      case CONTRAST ->
          over(
              view,
              words,
              generic.orElseThrow(() ->
                  new IllegalArgumentException(
                      "the view contrast compares with the attention under a generic instruction, which is not there: trace one too, or choose raw or relative")));
    };
  }

  private static ViewedMaps over(MapView view, WordMaps words, PatchMap reference) {
    boolean[] sinks = AttentionSinks.of(words);
    List<PatchMap> ratios =
        words.maps().stream().map(map -> AttentionRatio.of(map, reference, sinks)).toList();
    return new ViewedMaps(view, new WordMaps(words.words(), ratios));
  }

  /**
   * How brightly each patch is lit for a word, 0 to 1: 0 at the view's neutral value and below, 1
   * at the largest value (twice the usual one, if that is more) of a patch that sees some of the
   * image, not only padding.
   *
   * @param word index into the words
   */
  public PatchMap lit(int word, PixelGeometry geometry) {
    PatchMap map = words.maps().get(word);
    int side = map.side();
    double full = view.fullAtLeast(map);
    for (int i = 0; i < side * side; i++) {
      if (!geometry.patch(i / side, i % side, side).isEmpty()) {
        full = Math.max(full, map.values()[i]);
      }
    }
    double span = full - view.neutral();
    float[] lit = new float[side * side];
    for (int i = 0; i < lit.length && span > 0; i++) {
      lit[i] = (float) Math.clamp((map.values()[i] - view.neutral()) / span, 0, 1);
    }
    return new PatchMap(side, lit);
  }
}
