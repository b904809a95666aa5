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

  /**
   * What a search wants read next: the new i-th hypothesis is the old {@code parents[i]}-th
   * continued by {@code tokens[i]}.
   *
   * @param parents (hypotheses) indices into the old hypotheses; one may be continued several
   *     times, or not at all
   * @param tokens (hypotheses) the token that continues each
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read once a step, never changed
  public record Continuation(int[] parents, int[] tokens) {

    public Continuation {
      if (parents.length == 0 || parents.length != tokens.length) {
        throw new IllegalArgumentException(
            "a continuation has a parent and a token for each of 1 hypothesis or more, but there are %d and %d"
                .formatted(parents.length, tokens.length));
      }
    }

    /** How many hypotheses it leads to. */
    public int width() {
      return tokens.length;
    }

    /** Whether each hypothesis continues itself, of as many as there were. */
    public boolean keepsOrder(int hypotheses) {
      boolean keeps = parents.length == hypotheses;
      for (int i = 0; keeps && i < parents.length; i++) {
        keeps = parents[i] == i;
      }
      return keeps;
    }
  }

  /**
   * The logits that a decode gave one search, a row (vocabulary) a hypothesis. Read on the thread
   * of the search that they are handed to, and valid until its step ends.
   */
  public interface LogitRows {

    /** The model they come from, for messages: {@code the model 'x.gguf'}. */
    String model();

    /**
     * Copies a row.
     *
     * @param hypothesis its index in the {@link CaptionSearch.Continuation} that was decoded
     * @param destination (vocabulary)
     */
    void read(int hypothesis, float[] destination);
  }
}
