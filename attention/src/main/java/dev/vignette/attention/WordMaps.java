package dev.vignette.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The words of a caption, each with its map: the mean of the rows of its tokens on the image, not
 * normalised.
 *
 * @param words in the order of the caption, punctuation too
 * @param maps (words)
 */
public record WordMaps(List<CaptionWord> words, List<PatchMap> maps) {
  public WordMaps {
    words = List.copyOf(words);
    maps = List.copyOf(maps);
    if (words.size() != maps.size()) {
      throw new IllegalArgumentException(
          "Each word has a map, but there are %d and %d".formatted(words.size(), maps.size()));
    }
  }

  /** The mean over all layers and heads that were traced. */
  public static WordMaps of(AttentionTrace trace) {
    return of(trace, trace::patches);
  }

  /**
   * One layer and head.
   *
   * @param layer index into the trace's layers
   * @param head index into the trace's heads; 0 for their mean
   */
  public static WordMaps of(AttentionTrace trace, int layer, int head) {
    return of(trace, token -> trace.patches(token, layer, head));
  }

  private static WordMaps of(AttentionTrace trace, IntFunction<float[]> patchesOfToken) {
    List<CaptionWord> words = CaptionWord.of(trace.pieces());
    int side = trace.grid().side();
    List<PatchMap> maps = new ArrayList<>();
    for (CaptionWord word : words) {
      List<PatchMap> tokens = new ArrayList<>();
      for (int token = word.from(); token < word.to(); token++) {
        tokens.add(new PatchMap(side, patchesOfToken.apply(token)));
      }
      maps.add(PatchMap.mean(tokens));
    }
    return new WordMaps(words, maps);
  }

  /** The maps of the words that are no punctuation, of all if there are no others. */
  public List<PatchMap> spoken() {
    List<PatchMap> spoken = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (!words.get(i).punctuation()) {
        spoken.add(maps.get(i));
      }
    }
    return spoken.isEmpty() ? maps : List.copyOf(spoken);
  }

  /**
   * The mean of the {@link #spoken} maps.
   *
   * @throws IllegalArgumentException if there are no words
   */
  public PatchMap mean() {
    if (maps.isEmpty()) {
      throw new IllegalArgumentException("A caption without words has no mean map");
    }
    return PatchMap.mean(spoken());
  }
}
