package dev.vignette.captions.run;

import dev.vignette.files.ContentHash;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A line of a journal after its first. Version 0.1.0 wrote {@link JournalEntry} only, and passes
 * over the others.
 */
sealed interface JournalLine
    permits JournalEntry,
        JournalLine.Begun,
        JournalLine.Released,
        JournalLine.Failed,
        JournalLine.ToRedo {
  /** Returns what names the image in the predictions. */
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

  /** The image is to be captioned again, whatever caption it has: an overwriting run has begun. */
  record ToRedo(String key) implements JournalLine {
    @Override
    public String format() {
      return JournalLine.format("redo", key, Map.of());
    }
  }
}
