package dev.vignette.decoding;

import java.util.Optional;

/**
 * A search as a machine of steps: it is given the logits that follow its hypotheses and says how
 * they go on. It calls no model; a {@link DecodingBatch} steps many of them beside each other.
 *
 * <p>Used by one thread at a time.
 */
public sealed interface CaptionSearch permits SingleSearch, BeamSearch, FollowedText {

  /**
   * Begins the search that a configuration asks for.
   *
   * @param prompt the prompt's tokens, for the rules about repetition; places that are not text are
   *     -1
   * @param vocabularySize tokens there are: ids are 0 to vocabularySize - 1
   * @param end when a text is over
   * @throws IllegalArgumentException if there are fewer tokens than the beams need
   */
  static CaptionSearch of(
      GenerationConfig config, int[] prompt, int vocabularySize, EndCondition end) {
    TokenRules rules = new TokenRules(config, prompt, end.endTokens());
    return config.numBeams() == 1
        ? new SingleSearch(config, rules, vocabularySize, end)
        : new BeamSearch(config, rules, vocabularySize, end);
  }

  /**
   * Begins to read given tokens instead of choosing them, as if the model had chosen them (teacher
   * forcing).
   *
   * @param tokens the text, 1 token or more, without an end token
   */
  static CaptionSearch following(int[] tokens, int vocabularySize) {
    return new FollowedText(tokens, vocabularySize);
  }

  /** The most hypotheses it goes on with at once, 1 or more. */
  int width();

  /** The most tokens it asks to be read. */
  int maxNewTokens();

  /**
   * Takes one step.
   *
   * @param rows the logits after each hypothesis of the continuation before; at the first step one
   *     row, the logits after the prompt
   * @return what the model is to read next; empty when the search is over
   * @throws InvalidLogitsException if they are not numbers
   * @throws IllegalStateException if the rules leave no token
   */
  Optional<Continuation> step(LogitRows rows);

  /**
   * The tokens that are sure to be in the text by now: one more a step with one hypothesis; with
   * beams all of them when the search is over.
   *
   * @param from how many of them to leave out
   */
  int[] settled(int from);

  /** The best hypothesis, once the search is over. */
  Hypothesis best();
}
