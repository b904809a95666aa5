package dev.vignette.eval.localization;

import dev.vignette.attention.AttentionTrace;
import dev.vignette.attention.MapView;
import dev.vignette.attention.PatchMap;
import dev.vignette.attention.WordMaps;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One way to make a word's map: of which layer, of which head, and how it is looked at.
 *
 * @param layer the layer, or {@link #ALL} for the mean of all
 * @param head the head, or {@link #ALL} for the mean of the layer's
 * @param view {@link MapView#RAW} or {@link MapView#RELATIVE}
 */
public record MapChoice(int layer, int head, MapView view) {
  /** Stands for the mean of all. */
  public static final int ALL = -1;

  public MapChoice {
    if (layer < ALL || head < ALL || (layer == ALL && head != ALL) || view == MapView.CONTRAST) {
      throw new IllegalArgumentException(
          "A choice is a head of a layer, a layer, or all, raw or relative, not layer %d, head %d, %s"
              .formatted(layer, head, view));
    }
  }

  /** Every choice of a model: all, each layer, each head; in both views. */
  static List<MapChoice> all(int layers, int heads) {
    List<MapChoice> choices = new ArrayList<>();
    for (MapView view : List.of(MapView.RAW, MapView.RELATIVE)) {
      choices.add(new MapChoice(ALL, ALL, view));
      for (int layer = 0; layer < layers; layer++) {
        choices.add(new MapChoice(layer, ALL, view));
        for (int head = 0; head < heads; head++) {
          choices.add(new MapChoice(layer, head, view));
        }
      }
    }
    return List.copyOf(choices);
  }

  /** The raw maps of this choice, of a trace of every layer and head. */
  WordMaps rawMaps(AttentionTrace trace) {
    if (layer == ALL) {
      return WordMaps.of(trace);
    }
    if (head != ALL) {
      return WordMaps.of(trace, layer, head);
    }
    List<WordMaps> heads =
        IntStream.range(0, trace.rowsPerLayer())
            .mapToObj(each -> WordMaps.of(trace, layer, each))
            .toList();
    List<PatchMap> means = new ArrayList<>();
    for (int word = 0; word < heads.getFirst().words().size(); word++) {
      int place = word;
      means.add(PatchMap.mean(heads.stream().map(maps -> maps.maps().get(place)).toList()));
    }
    return new WordMaps(heads.getFirst().words(), means);
  }

  /** As the options of {@code attend} would say it: {@code --layers 1 --heads 3 --view raw}. */
  @Override
  public String toString() {
    return "--layers %s --heads %s --view %s"
        .formatted(layer == ALL ? "all" : layer, head == ALL ? "mean" : head, view);
  }
}
