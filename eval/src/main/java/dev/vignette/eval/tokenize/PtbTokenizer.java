package dev.vignette.eval.tokenize;

import java.io.IOException;
import java.io.Reader;

/**
 * Penn Treebank tokens of English text, by {@link TokenRule}s: one pass, no backtracking.
 *
 * <p>Safe for use by several threads.
 */
final class PtbTokenizer implements TextTokenizer {
  private static final TokenRule[] RULES = TokenRule.values();
  private static final int WINDOW = 1 << 16;

  private final LazyDfa dfa;
  private final int window;

  PtbTokenizer() {
    this(WINDOW);
  }

  /**
   * @param window how many characters of a text are read at a time
   */
  PtbTokenizer(int window) {
    RuleParser parser = new RuleParser(RulePieces.all());
    for (int number = 0; number < RULES.length; number++) {
      parser.add(RULES[number].pattern(), number);
    }
    dfa = new LazyDfa(parser.automaton());
    this.window = window;
  }

  @Override
  public void tokenize(String text, TokenSink sink) {
    tokenize(text, 0, true, sink);
  }

  /** A token that may depend on what is not read yet is looked at again when more is there. */
  @Override
  public void tokenize(Reader text, TokenSink sink) throws IOException {
    String held = "";
    long base = 0; // where in the text it starts
    boolean last = false;
    while (!last) {
      // At least as much again, so that a token over many windows takes linear time.
      char[] more = new char[Math.max(window, held.length())];
      int count = text.read(more, 0, more.length);
      last = count < 0;
      held += new String(more, 0, Math.max(0, count));
      int done = tokenize(held, base, last, sink);
      held = held.substring(done);
      base += done;
    }
  }

  /**
   * Reports the tokens of a part of a text, as far as they depend on it alone.
   *
   * @param base where in the text the part starts
   * @param last whether the text ends with it
   * @return how much of the part was used up
   */
  private int tokenize(String text, long base, boolean last, TokenSink sink) {
    int at = 0;
    while (at < text.length()) {
      long match = dfa.match(text, at, last);
      if (match == LazyDfa.UNDECIDED) {
        return at;
      }
      if (match < 0) {
        at++; // a character that no rule knows, such as half of an emoji, is dropped
      } else {
        TokenRule rule = RULES[LazyDfa.rule(match)];
        int end = rule.extent().end(text, at, LazyDfa.end(match));
        int next = rule.extent().resume(end);
        switch (rule.spelling()) {
          case NOTHING -> {}
          case LINE_END -> sink.lineEnd(base + next);
          default -> sink.token(rule.spelling().of(text.substring(at, end)));
        }
        at = next;
      }
    }
    return at;
  }

  @Override
  public String name() {
    return "vignette-ptb-2";
  }
}
