package dev.vignette.eval.tokenize;

/**
 * Penn Treebank tokens of English text, by {@link TokenRule}s: one pass, no backtracking.
 *
 * <p>Safe for use by several threads.
 */
final class PtbTokenizer implements TextTokenizer {
  private static final TokenRule[] RULES = TokenRule.values();

  private final LazyDfa dfa;

  PtbTokenizer() {
    RuleParser parser = new RuleParser(TokenPieces.all());
    for (int number = 0; number < RULES.length; number++) {
      parser.add(RULES[number].pattern(), number);
    }
    dfa = new LazyDfa(parser.automaton());
  }

  @Override
  public void tokenize(String text, TokenSink sink) {
    int at = 0;
    while (at < text.length()) {
      long match = dfa.match(text, at);
      if (match < 0) {
        at++; // a character that no rule knows, such as half of an emoji, is dropped
      } else {
        TokenRule rule = RULES[LazyDfa.rule(match)];
        int end = rule.extent().end(text, at, LazyDfa.end(match));
        int next = rule.extent().resume(end);
        switch (rule.spelling()) {
          case NOTHING -> {}
          case LINE_END -> sink.lineEnd(next);
          default -> sink.token(rule.spelling().of(text.substring(at, end)));
        }
        at = next;
      }
    }
  }

  @Override
  public String name() {
    return "vignette-ptb-2";
  }
}
