package dev.vignette.captions.batch;

import java.util.Objects;

/**
 * The first line of a journal.
 *
 * @param format always {@link #FORMAT}
 * @param version of the format
 * @param keys what the keys of the predictions name, as {@link KeyMode} spells it
 */
record JournalHeader(String format, int version, String keys) {
  static final String FORMAT = "vignette captions journal";
  static final int VERSION = 1;

  JournalHeader {
    Objects.requireNonNull(format);
    Objects.requireNonNull(keys);
  }

  static JournalHeader of(KeyMode keys) {
    return new JournalHeader(FORMAT, VERSION, keys.toString());
  }
}
