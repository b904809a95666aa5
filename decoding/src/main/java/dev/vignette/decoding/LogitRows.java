package dev.vignette.decoding;

/**
 * The logits that a decode gave one search, a row (vocabulary) a hypothesis. Read on the thread of
 * the search that they are handed to, and valid until its step ends.
 */
public interface LogitRows {

  /** The model they come from, for messages: {@code the model 'x.gguf'}. */
  String model();

  /**
   * Copies a row.
   *
   * @param hypothesis its index in the {@link Continuation} that was decoded
   * @param destination (vocabulary)
   */
  void read(int hypothesis, float[] destination);
}
