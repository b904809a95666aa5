package dev.vignette.attention;

import java.util.Arrays;
import java.util.Locale;
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
}
