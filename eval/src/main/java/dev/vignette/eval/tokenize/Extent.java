package dev.vignette.eval.tokenize;

/**
 * Which part of what a rule matched is the token: a rule may look further than its token reaches.
 */
enum Extent {
  /** All of it. */
  WHOLE,
  /** Its first character. */
  FIRST,
  /** Its first two characters. */
  FIRST_TWO,
  /** Its first three characters. */
  FIRST_THREE,
  /** All but its last character. */
  BUT_LAST,
  /** All but its last two characters. */
  BUT_LAST_TWO,
  /** What stands before a contracted "not": {@code do} of {@code don't}. */
  BEFORE_NOT,
  /** What stands before a clitic: {@code dog} of {@code dog's}. */
  BEFORE_CLITIC,
  /** Up to its first period. */
  FIRST_PERIOD,
  /** Up to the period before the first space; that period is a token once more. */
  PERIOD_TWICE,
  /** All of it, which ends in a period; that period is a token once more. */
  WHOLE_PERIOD_TWICE;

  private static final int ENTITY_LENGTH = "&apos;".length();

  /**
   * The end of the token, exclusive, in a match of {@code text} from {@code from} to {@code to}.
   */
  int end(String text, int from, int to) {
    return switch (this) {
      case WHOLE, WHOLE_PERIOD_TWICE -> to;
      case FIRST -> from + 1;
      case FIRST_TWO -> from + 2;
      case FIRST_THREE -> from + 3;
      case BUT_LAST -> to - 1;
      case BUT_LAST_TWO -> to - 2;
      case BEFORE_NOT -> beforeApostrophe(text, to - 1) - 1;
      case BEFORE_CLITIC ->
          beforeApostrophe(text, Character.isLetter(text.charAt(to - 2)) ? to - 2 : to - 1);
      case FIRST_PERIOD -> text.indexOf('.', from) + 1;
      case PERIOD_TWICE -> afterAbbreviation(text, from);
    };
  }

  /** Where the next token starts, when this one ends at {@code end}. */
  int resume(int end) {
    return this == PERIOD_TWICE || this == WHOLE_PERIOD_TWICE ? end - 1 : end;
  }

  /** The start of the apostrophe, a character or an entity, that ends at {@code end}. */
  private static int beforeApostrophe(String text, int end) {
    return end - (text.charAt(end - 1) == ';' ? ENTITY_LENGTH : 1);
  }

  private static int afterAbbreviation(String text, int from) {
    int end = from;
    while (".-".indexOf(text.charAt(end)) >= 0 || Character.isLetter(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
