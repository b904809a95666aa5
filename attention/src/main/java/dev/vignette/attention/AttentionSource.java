package dev.vignette.attention;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Where a caption and its attention come from.
 *
 * @param image name of the image's file, without folders
 * @param model what captioned it, in a few words
 * @param settings by name, in the order given: instruction, layers, seed, what else matters
 */
public record AttentionSource(String image, String model, SequencedMap<String, String> settings) {
  public AttentionSource {
    if (image.isBlank() || model.isBlank()) {
      throw new IllegalArgumentException(
          "A source names its image and its model, but they are '%s' and '%s'"
              .formatted(image, model));
    }
    settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
  }

  /** A source with settings in the order of {@code settings}. */
  public static AttentionSource of(String image, String model, Map<String, String> settings) {
    return new AttentionSource(image, model, new LinkedHashMap<>(settings));
  }
}
