package dev.vignette.captions.run;

import dev.vignette.files.ContentHash;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What captions depend on besides the image: model files (see {@link ContentHash#sampled}), prompt,
 * generation settings, revision of what is made of them. The program's version is no part of it: an
 * upgrade must not caption everybody's folders anew. Equal values give an equal {@link #hash} on
 * every machine and in every run.
 *
 * @param values the value of each setting by name, sorted by name; copied, unmodifiable
 * @param added the names that fingerprints of version 0.1.0 did not have; captions made under such
 *     a one are accepted, since nothing says that the value was another
 */
public record ModelFingerprint(SortedMap<String, String> values, SortedSet<String> added) {
  private static final int HASH_DIGITS = 16;
  private static final int FIRST_REVISION = 1;

  /** Copies the values. */
  public ModelFingerprint {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    added = Collections.unmodifiableSortedSet(new TreeSet<>(added));
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "A fingerprint names the model and its settings, but has no value");
    }
  }

  /** The fingerprint of {@code values}, in any order. */
  public static ModelFingerprint of(Map<String, String> values) {
    return new ModelFingerprint(new TreeMap<>(values), new TreeSet<>());
  }

  /** The same and {@code value} under {@code name}. */
  public ModelFingerprint with(String name, String value) {
    SortedMap<String, String> more = new TreeMap<>(values);
    more.put(name, value);
    return new ModelFingerprint(more, added);
  }

  /** The same and {@code value} under {@code name}, which version 0.1.0 left out. */
  public ModelFingerprint withAdded(String name, String value) {
    SortedSet<String> more = new TreeSet<>(added);
    more.add(name);
    return new ModelFingerprint(with(name, value).values, more);
  }

  /**
   * The same and a number that is raised when the same model, image and settings give other
   * captions than before, such as by a repair of the decoding.
   *
   * @param revision 1 for what version 0.1.0 makes, whose fingerprints name none
   */
  public ModelFingerprint withRevision(int revision) {
    return revision == FIRST_REVISION ? this : with("revision", Integer.toString(revision));
  }

  /** Returns the hashes of earlier captions that may be reused, {@link #hash} among them. */
  Set<String> acceptedHashes() {
    SortedMap<String, String> before = new TreeMap<>(values);
    before.keySet().removeAll(added);
    return new HashSet<>(List.of(hash(), hashOf(before)));
  }

  /** 16 hexadecimal digits of the SHA-256 of all names and values. */
  public String hash() {
    return hashOf(values);
  }

  private static String hashOf(SortedMap<String, String> values) {
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
