package dev.vignette.attention;

import dev.vignette.images.PixelGeometry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How the maps of a caption's words are looked at. */
public enum MapView {
  /** The attention as it is; the same few patches are often bright for every word. */
  RAW("attention", "none", 0),

  /**
   * How many times the caption's mean a word looks at a patch: what it looks at more than the other
   * words do.
   */
  RELATIVE("attention over the mean of the caption's words", "as the mean, or less", 1),

  /**
   * How many times the attention under a generic instruction, such as "describe the image", a word
   * looks at a patch. The ratio is the relative attention of Zhang et al., "MLLMs Know Where to
   * Look" (ICLR 2025), there of the answer to a question.
   */
  CONTRAST("attention over that under a generic instruction", "as generic, or less", 1);

  /** How many times the usual value is lit fully at the least. */
  static final double FULL_TIMES = 2;

  private final String meaning;
  private final String unlit;
  private final double neutral;

  MapView(String meaning, String unlit, double neutral) {
    this.meaning = meaning;
    this.unlit = unlit;
    this.neutral = neutral;
  }

  /**
   * Reads a name as {@link #cliName} gives it.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static MapView parse(String text) {
    return Arrays.stream(values())
        .filter(view -> view.cliName().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "a view is %s, not '%s'"
                    .formatted(
                        Arrays.stream(values())
                            .map(MapView::cliName)
                            .collect(Collectors.joining(", ")),
                        text)));
  }

  /** What it is called on the command line: {@code raw}, {@code relative} or {@code contrast}. */
  public String cliName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What its numbers are, in a few words. */
  public String meaning() {
    return meaning;
  }

  /** What it means that a patch is not lit, in a few words. */
  String unlit() {
    return unlit;
  }

  /** The value that says nothing, and is not lit: 0 of attention, 1 of a ratio. */
  public double neutral() {
    return neutral;
  }

  /**
   * The value that is lit fully where no patch of the word has a larger one: {@link #FULL_TIMES}
   * what is usual, which is the map's mean of attention and 1 of a ratio. So the noise of a word
   * that looks nowhere in particular stays dim.
   */
  double fullAtLeast(PatchMap map) {
    return FULL_TIMES * (this == RAW ? map.sum() / map.values().length : neutral);
  }

  @Override
  public String toString() {
    return cliName();
  }

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
}
