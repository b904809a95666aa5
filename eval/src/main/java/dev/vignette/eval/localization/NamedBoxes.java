package dev.vignette.eval.localization;

import dev.vignette.images.PixelGeometry.Box;
import java.util.List;

/**
 * The things of one name in an image.
 *
 * @param word their name in the singular; may be several words
 * @param plural their name in the plural
 * @param boxes where they are, in pixels of the image; at least one, none of them empty
 */
public record NamedBoxes(String word, String plural, List<Box> boxes) {
  public NamedBoxes {
    boxes = List.copyOf(boxes);
    if (word.isBlank() || plural.isBlank()) {
      throw new IllegalArgumentException("Boxes have a word and a plural, but one is blank");
    }
    if (boxes.isEmpty() || boxes.stream().anyMatch(Box::isEmpty)) {
      throw new IllegalArgumentException(
          "\"%s\" has at least one box, and each is [left, top, right, bottom] with an area, but they are %s"
              .formatted(word, boxes));
    }
  }
}
