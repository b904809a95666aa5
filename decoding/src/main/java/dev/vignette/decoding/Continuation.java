package dev.vignette.decoding;

/**
 * What a search wants read next: the new i-th hypothesis is the old {@code parents[i]}-th continued
 * by {@code tokens[i]}.
 *
 * @param parents (hypotheses) indices into the old hypotheses; one may be continued several times,
 *     or not at all
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
