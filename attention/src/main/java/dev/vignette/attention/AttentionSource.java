package dev.vignette.attention;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * Where a caption and its attention come from.
 *
 * @param image name of the image's file, without folders
 * @param sha256 of the image's file, 64 hexadecimal digits, or empty where nobody looked
 * @param model what captioned it, in a few words
 * @param settings by name, in the order given: instruction, layers, seed, what else matters
 */
public record AttentionSource(
    String image, String sha256, String model, SequencedMap<String, String> settings) {
  private static final Pattern SHA_256 = Pattern.compile("([0-9a-f]{64})?");

  /** Copies the settings. */
  public AttentionSource {
    if (image.isBlank() || model.isBlank()) {
      throw new IllegalArgumentException(
          "A source names its image and its model, but they are '%s' and '%s'"
              .formatted(image, model));
    }
    if (!SHA_256.matcher(sha256).matches()) {
      throw new IllegalArgumentException(
          "A SHA-256 has 64 hexadecimal digits, but this is '%s'".formatted(sha256));
    }
    settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
  }

  /** A source with settings in the order of {@code settings}. */
  public static AttentionSource of(String image, String model, Map<String, String> settings) {
    return new AttentionSource(image, "", model, new LinkedHashMap<>(settings));
  }

  /** Returns the same, of an image whose file has this SHA-256. */
  public AttentionSource withSha256(String hash) {
    return new AttentionSource(image, hash, model, settings);
  }
}
