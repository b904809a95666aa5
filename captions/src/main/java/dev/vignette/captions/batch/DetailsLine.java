package dev.vignette.captions.batch;

import java.util.List;
import java.util.Map;

/**
 * A line of the details JSONL.
 *
 * @param key names the image in the predictions
 * @param path the image file
 * @param caption the text
 * @param score see {@link CaptionDetails#score}
 * @param tokens the ids of the generated tokens
 * @param logProbabilities one a token
 * @param milliseconds where the time went
 * @param sha256 of the image file
 * @param fingerprint {@link ModelFingerprint#hash} of {@code settings}
 * @param settings the model and what it was asked
 */
record DetailsLine(
    String key,
    String path,
    String caption,
    double score,
    List<Integer> tokens,
    List<Float> logProbabilities,
    Milliseconds milliseconds,
    String sha256,
    String fingerprint,
    Map<String, String> settings) {
  /** Milliseconds in each stage. */
  record Milliseconds(double encode, double prefill, double decode) {}

  /** What {@code details} say of the caption that {@code entry} records. */
  static DetailsLine of(
      ImageInput image, JournalEntry entry, CaptionDetails details, Map<String, String> settings) {
    return new DetailsLine(
        entry.key(),
        image.path().toString(),
        entry.caption(),
        details.score(),
        details.tokens().stream().map(ScoredToken::id).toList(),
        details.tokens().stream().map(ScoredToken::logProbability).toList(),
        new Milliseconds(details.encodeMillis(), details.prefillMillis(), details.decodeMillis()),
        entry.sha256(),
        entry.fingerprint(),
        settings);
  }
}
