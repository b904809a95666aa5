package dev.vignette.decoding.search;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.InvalidLogitsException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

  /** When a text is over: at an end token, or when a stop string appears in it. */
  final class EndCondition {

    private final int[] endTokens;
    private final List<String> stopStrings;
    private final Function<int[], String> text;

    /**
     * @param endTokens the tokens that end a text
     * @param stopStrings strings that end it
     * @param text tokens to text; called only when there are stop strings
     */
    public EndCondition(int[] endTokens, List<String> stopStrings, Function<int[], String> text) {
      this.endTokens = endTokens.clone();
      this.stopStrings = List.copyOf(stopStrings);
      this.text = text;
    }

    int[] endTokens() {
      return endTokens.clone();
    }

    /** How many tokens end a text. */
    int endTokenCount() {
      return endTokens.length;
    }

    boolean isEndToken(int token) {
      for (int end : endTokens) {
        if (end == token) {
          return true;
        }
      }
      return false;
    }

    /** Whether the first {@code count} tokens, the last one new, hold a stop string. */
    boolean stopsAt(int[] tokens, int count) {
      if (stopStrings.isEmpty()) {
        return false;
      }
      String all = text.apply(Arrays.copyOf(tokens, count));
      return stopStrings.stream().anyMatch(all::contains);
    }
  }

  /**
   * A finished search: the tokens after the prompt and what they cost.
   *
   * @param tokens the generated tokens, without the one that ends the text
   * @param logProbabilities the model's own log-probability of each token of {@code tokens}
   * @param score the sum of the log-probabilities, the end token's included; with beams, the sum
   *     under the generation rules divided by length^lengthPenalty, as Hugging Face's {@code
   *     sequences_scores}
   */
  @SuppressWarnings("ArrayRecordComponent") // bulk numbers, copied where they enter
  record Hypothesis(int[] tokens, float[] logProbabilities, double score) {

    public Hypothesis {
      if (tokens.length != logProbabilities.length) {
        throw new IllegalArgumentException(
            "each token has a log-probability, but there are %d and %d"
                .formatted(tokens.length, logProbabilities.length));
      }
      tokens = tokens.clone();
      logProbabilities = logProbabilities.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Hypothesis that
          && Arrays.equals(tokens, that.tokens)
          && Arrays.equals(logProbabilities, that.logProbabilities)
          && score == that.score;
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(tokens) + Double.hashCode(score);
    }

    @Override
    public String toString() {
      return "Hypothesis[tokens=%s, score=%s]".formatted(Arrays.toString(tokens), score);
    }
  }
}
