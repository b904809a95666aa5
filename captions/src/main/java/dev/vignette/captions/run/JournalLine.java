package dev.vignette.captions.run;

import dev.vignette.files.ContentHash;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A line of a journal after its first. Version 0.1.0 wrote {@link JournalEntry} only, and passes
 * over the others.
 */
sealed interface JournalLine {
  /** Returns what names the image in the predictions; of {@link Exported}, the file. */
  String key();

  /** Returns the line, without its end. */
  String format();

  /** Parses {@code line}; empty if it says nothing that is known. */
  static Optional<JournalLine> parse(String line) {
    return JsonLines.parse(line)
        .flatMap(
            members -> members.containsKey("event") ? event(members) : JournalEntry.of(members));
  }

  private static Optional<JournalLine> event(Map<String, String> members) {
    String key = members.get("key");
    if (key == null) {
      return Optional.empty();
    }
    return switch (members.getOrDefault("event", "")) {
      case "begun" ->
          Optional.of(
              new Begun(
                  key,
                  members.getOrDefault("sha256", ""),
                  members.getOrDefault("fingerprint", "")));
      case "released" -> Optional.of(new Released(key));
      case "failed" -> Optional.of(new Failed(key, members.get("sidecar")));
      case "exported" ->
          Optional.ofNullable(members.get("sha256")).map(sha256 -> new Exported(key, sha256));
      case "redo" -> Optional.of(new ToRedo(key));
      default -> Optional.empty();
    };
  }

  private static String format(String event, String key, Map<String, String> more) {
    return JsonLines.format(json -> {
      json.writeStringProperty("event", event);
      json.writeStringProperty("key", key);
      more.forEach(json::writeStringProperty);
    });
  }

  /**
   * The image is handed to the model. Where no other line of its key follows, the process ended
   * before the model did.
   *
   * @param sha256 {@link ContentHash#of} the image file
   * @param fingerprint {@link ModelFingerprint#hash} of the model and its settings
   */
  record Begun(String key, String sha256, String fingerprint) implements JournalLine {
    @Override
    public String format() {
      Map<String, String> more = new LinkedHashMap<>();
      more.put("sha256", sha256);
      more.put("fingerprint", fingerprint);
      return JournalLine.format("begun", key, more);
    }
  }

  /** The image is out of the model's hands again, and its captions are what they were. */
  record Released(String key) implements JournalLine {
    @Override
    public String format() {
      return JournalLine.format("released", key, Map.of());
    }
  }

  /**
   * The image has no caption any more.
   *
   * @param sidecar the text that this program wrote to its sidecar, or null for none
   */
  record Failed(String key, @Nullable String sidecar) implements JournalLine {
    @Override
    public String format() {
      return JournalLine.format(
          "failed", key, sidecar == null ? Map.of() : Map.of("sidecar", sidecar));
    }
  }

  /**
   * The captions were written in another form.
   *
   * @param key the absolute path of the {@link CaptionExport}, or of a shard of a {@link
   *     ShardExport}
   * @param sha256 {@link ContentHash#of} what was written; of a shard what it was made of and its
   *     stamp
   */
  record Exported(String key, String sha256) implements JournalLine {
    @Override
    public String format() {
      return JournalLine.format("exported", key, Map.of("sha256", sha256));
    }
  }

  /** The image is to be captioned again, whatever caption it has: an overwriting run has begun. */
  record ToRedo(String key) implements JournalLine {
    @Override
    public String format() {
      return JournalLine.format("redo", key, Map.of());
    }
  }

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
}
