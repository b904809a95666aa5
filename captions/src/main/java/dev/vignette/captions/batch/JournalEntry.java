package dev.vignette.captions.batch;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A caption and what it was made of: it can be reused as long as these stay the same.
 *
 * @param key names the image in the predictions
 * @param caption the text
 * @param fingerprint {@link ModelFingerprint#hash} of the model and its settings
 * @param sha256 {@link ContentHash#of} the image file
 * @param file the stamp of the image file, taken before it was read
 * @param sidecar the text written to the image's sidecar, or null for none
 */
record JournalEntry(
    String key,
    String caption,
    String fingerprint,
    String sha256,
    FileStamp file,
    @Nullable String sidecar) {
  private static final Set<String> REQUIRED =
      Set.of("key", "caption", "fingerprint", "sha256", "size", "modified");

  /** The entry that {@code line} says, empty if it says none. */
  static Optional<JournalEntry> parse(String line) {
    return JsonLines.parse(line)
        .filter(members -> members.keySet().containsAll(REQUIRED))
        .flatMap(members -> {
          try {
            return Optional.of(of(members));
          } catch (NumberFormatException _) {
            return Optional.empty();
          }
        });
  }

  private static JournalEntry of(Map<String, String> members) {
    return new JournalEntry(
        members.getOrDefault("key", ""),
        members.getOrDefault("caption", ""),
        members.getOrDefault("fingerprint", ""),
        members.getOrDefault("sha256", ""),
        new FileStamp(
            Long.parseLong(members.getOrDefault("size", "")),
            Long.parseLong(members.getOrDefault("modified", ""))),
        members.get("sidecar"));
  }

  /** The line of this entry. */
  String format() {
    return JsonLines.format(json -> {
      json.writeStringProperty("key", key);
      json.writeStringProperty("caption", caption);
      json.writeStringProperty("fingerprint", fingerprint);
      json.writeStringProperty("sha256", sha256);
      json.writeNumberProperty("size", file.size());
      json.writeNumberProperty("modified", file.modified());
      if (sidecar != null) {
        json.writeStringProperty("sidecar", sidecar);
      }
    });
  }

  JournalEntry withFile(FileStamp stamp) {
    return new JournalEntry(key, caption, fingerprint, sha256, stamp, sidecar);
  }

  JournalEntry withSidecar(String text) {
    return new JournalEntry(key, caption, fingerprint, sha256, file, text);
  }
}
