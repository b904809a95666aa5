package dev.vignette.eval.localization;

import dev.vignette.captions.reading.ReadFault;
import dev.vignette.files.TextFile;
import dev.vignette.files.faults.MalformedDataException;
import dev.vignette.images.PixelGeometry.Box;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where things are in images: {@code {"file stem": [{"word": "truck", "plural": "trucks", "boxes":
 * [[left, top, right, bottom], ...]}, ...], ...}}, in pixels.
 */
public final class BoxesFile {
  private BoxesFile() {}

  /**
   * Reads a file; the things of each image by its file stem, in the order of the file.
   *
   * @throws MalformedDataException if it is not as above; the message names the image
   * @throws UncheckedIOException if it cannot be read
   */
  public static SequencedMap<String, List<NamedBoxes>> read(Path file) {
    JsonNode root = parse(file);
    if (!root.isObject()) {
      throw new MalformedDataException(
          "%s should be an object of file stems, each with a list of {\"word\", \"plural\", \"boxes\"}"
              .formatted(file));
    }
    SequencedMap<String, List<NamedBoxes>> images = new LinkedHashMap<>();
    root.properties()
        .forEach(
            entry -> images.put(entry.getKey(), things(file, entry.getKey(), entry.getValue())));
    return images;
  }

  private static JsonNode parse(Path file) {
    try {
      return JsonMapper.shared().readTree(TextFile.read(file));
    } catch (JacksonException e) {
      throw ReadFault.noJson(file, e);
    } catch (IOException e) {
      throw ReadFault.unreadable(file, e);
    }
  }

  private static List<NamedBoxes> things(Path file, String stem, JsonNode list) {
    List<NamedBoxes> things = new ArrayList<>();
    for (JsonNode thing : list) {
      try {
        things.add(thing(thing));
      } catch (IllegalArgumentException e) {
        throw new MalformedDataException("%s, image %s: %s".formatted(file, stem, e.getMessage()));
      }
    }
    return things;
  }

  private static NamedBoxes thing(JsonNode thing) {
    String word = thing.path("word").asString("");
    List<Box> boxes = new ArrayList<>();
    for (JsonNode box : thing.path("boxes")) {
      if (box.size() != 4 || !box.valueStream().allMatch(JsonNode::isNumber)) {
        throw new IllegalArgumentException(
            "a box is [left, top, right, bottom] in pixels, not " + box);
      }
      boxes.add(
          new Box(
              box.get(0).asDouble(),
              box.get(1).asDouble(),
              box.get(2).asDouble(),
              box.get(3).asDouble()));
    }
    return new NamedBoxes(word, thing.path("plural").asString(word), boxes);
  }
}
