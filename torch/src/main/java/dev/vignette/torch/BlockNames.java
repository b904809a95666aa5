package dev.vignette.torch;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The names of a block's weights in a file; each stands for a {@code .weight} and a {@code .bias}.
 *
 * @param prefix of a layer, with %d for its number
 * @param qkv one name, or those of q, k and v
 */
public record BlockNames(
    String prefix,
    String norm1,
    List<String> qkv,
    String projection,
    String norm2,
    String up,
    String down) {
  public BlockNames {
    if (qkv.size() != 1 && qkv.size() != 3) {
      throw new IllegalArgumentException("q, k and v have one name or three, not " + qkv);
    }
    qkv = List.copyOf(qkv);
  }

  /** The keys of a layer with their shapes, in {@link BlockScript}'s order. */
  public SequencedMap<String, Shape> shapes(int layer, int width, int hidden) {
    String start = prefix.formatted(layer);
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    put(shapes, start + norm1, new Shape(width));
    for (String name : qkv) {
      put(shapes, start + name, new Shape(3L * width / qkv.size(), width));
    }
    put(shapes, start + projection, new Shape(width, width));
    put(shapes, start + norm2, new Shape(width));
    put(shapes, start + up, new Shape(hidden, width));
    put(shapes, start + down, new Shape(width, hidden));
    return shapes;
  }

  /** The keys of a layer in {@link BlockScript}'s order. */
  public List<String> keys(int layer) {
    return List.copyOf(shapes(layer, 3, 1).keySet());
  }

  private static void put(SequencedMap<String, Shape> shapes, String name, Shape weight) {
    shapes.put(name + ".weight", weight);
    shapes.put(name + ".bias", new Shape(weight.get(0)));
  }
}
