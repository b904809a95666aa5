package dev.vignette.captions.run;

import dev.vignette.files.ContentHash;
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
 * @param path the absolute path of the image file, or null as version 0.1.0 wrote it
 */
record JournalEntry(
    String key,
    String caption,
    String fingerprint,
    String sha256,
    FileStamp file,
    @Nullable String sidecar,
    @Nullable String path)
    implements JournalLine {
  private static final Set<String> REQUIRED =
      Set.of("key", "caption", "fingerprint", "sha256", "size", "modified");

  /** The entry that {@code members} say, empty if they say none. */
  static Optional<JournalLine> of(Map<String, String> members) {
    if (!members.keySet().containsAll(REQUIRED)) {
      return Optional.empty();
    }
    try {
      return Optional.of(entry(members));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static JournalEntry entry(Map<String, String> members) {
    return new JournalEntry(
        members.getOrDefault("key", ""),
        members.getOrDefault("caption", ""),
        members.getOrDefault("fingerprint", ""),
        members.getOrDefault("sha256", ""),
        new FileStamp(
            Long.parseLong(members.getOrDefault("size", "")),
            Long.parseLong(members.getOrDefault("modified", ""))),
        members.get("sidecar"),
        members.get("path"));
  }

  @Override
  public String format() {
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
      if (path != null) {
        json.writeStringProperty("path", path);
      }
    });
  }

  /** Returns the same of the file {@code path} with {@code stamp}. */
  JournalEntry withFile(FileStamp stamp, String absolutePath) {
    return new JournalEntry(key, caption, fingerprint, sha256, stamp, sidecar, absolutePath);
  }

  JournalEntry withSidecar(String text) {
    return new JournalEntry(key, caption, fingerprint, sha256, file, text, path);
  }

  /** Returns whether it is of a file that was somewhere else than {@code image} is. */
  boolean isOfAnotherPath(ImageInput image) {
    return path != null && !path.equals(image.absolutePath());
  }
}
