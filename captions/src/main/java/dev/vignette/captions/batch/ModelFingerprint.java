package dev.vignette.captions.batch;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What captions depend on besides the image: model files (see {@link ContentHash#sampled}), prompt,
 * generation settings, version of the program. Equal values give an equal {@link #hash} on every
 * machine and in every run.
 *
 * @param values the value of each setting by name, sorted by name; copied, unmodifiable
 */
public record ModelFingerprint(SortedMap<String, String> values) {
  private static final int HASH_DIGITS = 16;

  /** Copies the values. */
  public ModelFingerprint {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "A fingerprint names the model and its settings, but has no value");
    }
  }

  /** The fingerprint of {@code values}, in any order. */
  public static ModelFingerprint of(Map<String, String> values) {
    return new ModelFingerprint(new TreeMap<>(values));
  }

  /** The same and {@code value} under {@code name}. */
  public ModelFingerprint with(String name, String value) {
    SortedMap<String, String> more = new TreeMap<>(values);
    more.put(name, value);
    return new ModelFingerprint(more);
  }

  /** 16 hexadecimal digits of the SHA-256 of all names and values. */
  public String hash() {
    StringBuilder text = new StringBuilder();
    values.forEach((name, value) ->
        text.append(name.length())
            .append(':')
            .append(name)
            .append(value.length())
            .append(':')
            .append(value));
    return ContentHash.ofText(text.toString()).substring(0, HASH_DIGITS);
  }
}
