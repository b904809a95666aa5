package dev.vignette.captions.run;

import java.util.Optional;

/**
 * The first line of a journal.
 *
 * @param version of the format
 * @param keys what the keys of the predictions name, as {@link KeyMode} spells it
 */
record JournalHeader(String version, String keys) {
  static final String FORMAT = "vignette captions journal";
  static final String VERSION = "1";

  static JournalHeader of(KeyMode keys) {
    return new JournalHeader(VERSION, keys.toString());
  }

  /** The header that {@code line} says, empty if it says none. */
  static Optional<JournalHeader> parse(String line) {
    return JsonLines.parse(line)
        .filter(members -> FORMAT.equals(members.get("format")))
        .map(members ->
            new JournalHeader(
                members.getOrDefault("version", "unknown"),
                members.getOrDefault("keys", "unknown")));
  }

  /** The line of this header. */
  String format() {
    return JsonLines.format(json -> {
      json.writeStringProperty("format", FORMAT);
      json.writeStringProperty("version", version);
      json.writeStringProperty("keys", keys);
    });
  }
}
