package dev.vignette.captions.batch;

import java.util.Objects;
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
  JournalEntry {
    Objects.requireNonNull(key);
    Objects.requireNonNull(caption);
    Objects.requireNonNull(fingerprint);
    Objects.requireNonNull(sha256);
    Objects.requireNonNull(file);
  }

  JournalEntry withFile(FileStamp stamp) {
    return new JournalEntry(key, caption, fingerprint, sha256, stamp, sidecar);
  }

  JournalEntry withSidecar(String text) {
    return new JournalEntry(key, caption, fingerprint, sha256, file, text);
  }
}
