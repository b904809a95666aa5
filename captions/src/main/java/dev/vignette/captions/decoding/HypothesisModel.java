package dev.vignette.captions.decoding;

/**
 * The model's side of a search: a prompt it has read, and hypotheses that continue it.
 *
 * <p>A search calls {@link #start} once, then {@link #advance} a step at a time. Implementations
 * keep each hypothesis' state (its key-value cache).
 */
public interface HypothesisModel {

  /** Tokens there are: ids are 0 to vocabularySize - 1. */
  int vocabularySize();

  /**
   * Begins with one hypothesis, the bare prompt.
   *
   * @param logits (vocabulary) filled with those after the prompt
   */
  void start(float[] logits);

  /**
   * Replaces the hypotheses: the new i-th is the old {@code parents[i]}-th continued by {@code
   * tokens[i]}.
   *
   * @param parents (hypotheses) indices into the old hypotheses; one may be continued several times
   * @param tokens (hypotheses) the token that continues each
   * @param logits (at least hypotheses, vocabulary) filled with those after each
   */
  void advance(int[] parents, int[] tokens, float[][] logits);
}
