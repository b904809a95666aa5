package dev.vignette.attention;

import dev.vignette.attention.AttendingCaptioner.AttendedCaption;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.captions.reading.JsonCursor;
import dev.vignette.images.PixelGeometry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Reads {@code attention.json}; see {@link AttentionFile}. */
final class AttentionFileReader {
  private static final int LARGEST_SIDE = 1024;

  private final JsonCursor cursor;
  private final Map<String, String> texts = new HashMap<>();
  private final SequencedMap<String, String> settings = new LinkedHashMap<>();
  private final List<String> pieces = new ArrayList<>();
  private final List<Integer> layers = new ArrayList<>();
  private final List<Integer> heads = new ArrayList<>();
  private int side;
  private @Nullable PixelGeometry geometry;

  /** (tokens, layers · heads, patches). */
  private final List<float[][]> attention = new ArrayList<>();

  AttentionFileReader(JsonCursor cursor) {
    this.cursor = cursor;
  }

  AttentionFile read() {
    cursor.eachMember("the attention of a caption", this::member);
    if (geometry == null) {
      throw missing("geometry");
    }
    try {
      AttentionTrace trace =
          new AttentionTrace(pieces, layers, heads, new PatchGrid(1, side), rows());
      return new AttentionFile(
          new AttentionSource(
              text("image"), texts.getOrDefault("sha256", ""), text("model"), settings),
          new AttendedCaption(text("caption"), trace, geometry));
    } catch (IllegalArgumentException contradiction) {
      throw cursor.malformed("its parts do not fit: " + contradiction.getMessage());
    }
  }

  private void member(String name) {
    switch (name) {
      case "image", "sha256", "model", "caption" -> texts.put(name, cursor.string(name));
      case "settings" ->
          cursor.eachMember(name, setting -> settings.put(setting, cursor.string(setting)));
      case "pieces" -> cursor.eachElement(name, () -> pieces.add(cursor.string("a piece")));
      case "layers" -> cursor.eachElement(name, () -> layers.add(integer("a layer")));
      case "heads" -> cursor.eachElement(name, () -> heads.add(integer("a head")));
      case "side" -> side = side();
      case "geometry" -> geometry = geometry();
      case "attention" -> cursor.eachElement(name, () -> attention.add(token()));
      default -> cursor.skip();
    }
  }

  private int side() {
    int found = integer("side");
    if (found < 1 || found > LARGEST_SIDE) {
      throw cursor.malformed("a grid's side is 1 to %d, not %d".formatted(LARGEST_SIDE, found));
    }
    return found;
  }

  private int integer(String what) {
    long number = cursor.integer(what);
    if (number != (int) number) {
      throw cursor.malformed(what + " is beyond all bounds: " + number);
    }
    return (int) number;
  }

  private PixelGeometry geometry() {
    Map<String, Double> numbers = new HashMap<>();
    cursor.eachMember("geometry", name -> numbers.put(name, cursor.number(name)));
    try {
      return new PixelGeometry(
          (int) needed(numbers, "width"),
          (int) needed(numbers, "height"),
          (int) needed(numbers, "size"),
          needed(numbers, "scaleX"),
          needed(numbers, "scaleY"),
          needed(numbers, "offsetX"),
          needed(numbers, "offsetY"));
    } catch (IllegalArgumentException impossible) {
      throw cursor.malformed("this geometry cannot be: " + impossible.getMessage());
    }
  }

  private double needed(Map<String, Double> numbers, String name) {
    return Optional.ofNullable(numbers.get(name)).orElseThrow(() -> missing("geometry." + name));
  }

  /** (layers, heads, patches) to (layers · heads, patches). */
  private float[][] token() {
    List<float[]> rows = new ArrayList<>();
    cursor.eachElement(
        "the attention of a token",
        () -> cursor.eachElement("the attention of a layer", () -> rows.add(patches(side * side))));
    return rows.toArray(float[][]::new);
  }

  private float[] patches(int count) {
    float[] patches = new float[count];
    int[] at = {0};
    cursor.eachElement(
        "the attention of a head",
        () -> {
          double weight = cursor.number("a weight");
          if (at[0] < count) {
            patches[at[0]] = (float) weight;
          }
          at[0]++;
        });
    if (at[0] != count) {
      throw cursor.malformed(
          "a row has %d weights, but a grid of side %d has %d; side stands before attention"
              .formatted(at[0], side, count));
    }
    return patches;
  }

  /** (tokens, layers · heads, 1 + patches): what is not on the image first. */
  private float[][][] rows() {
    float[][][] rows = new float[attention.size()][][];
    for (int token = 0; token < rows.length; token++) {
      float[][] patches = attention.get(token);
      rows[token] = new float[patches.length][];
      for (int row = 0; row < patches.length; row++) {
        rows[token][row] = withRest(patches[row]);
      }
      attention.set(token, rows[token]);
    }
    return rows;
  }

  private static float[] withRest(float[] patches) {
    double share = 0;
    for (float weight : patches) {
      share += weight;
    }
    float[] row = new float[1 + patches.length];
    row[0] = (float) Math.max(0, 1 - share);
    System.arraycopy(patches, 0, row, 1, patches.length);
    return row;
  }

  private String text(String name) {
    return Optional.ofNullable(texts.get(name)).orElseThrow(() -> missing(name));
  }

  private RuntimeException missing(String name) {
    return cursor.malformed("the attention of a caption has no \"" + name + "\"");
  }
}
