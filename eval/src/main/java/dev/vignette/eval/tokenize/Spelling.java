package dev.vignette.eval.tokenize;

/** How a token is written: the Penn Treebank's escapes, in CoreNLP 3.4.1's reading of them. */
enum Spelling {
  /** As in the text. */
  PLAIN,
  /** Without soft hyphens; a token of nothing else is a hyphen. */
  NO_SOFT_HYPHEN,
  /** The ampersand's entity as an ampersand. */
  AMPERSAND,
  /** Spaces as no-break spaces. */
  NO_BREAK,
  /** Spaces as no-break spaces, round brackets as {@code -LRB-} and {@code -RRB-}. */
  NO_BREAK_BRACKETS,
  /** Any apostrophe as {@code '}. */
  APOSTROPHE,
  /** {@code n't}, with {@code `} for a left quotation mark. */
  NOT,
  /** Each quotation mark as {@code `}, {@code '}, {@code ``} or {@code ''}. */
  QUOTES,
  /** {@code ``}. */
  OPEN_DOUBLE,
  /** {@code ''}. */
  CLOSE_DOUBLE,
  /** {@code `}. */
  OPEN_SINGLE,
  /** {@code ...}. */
  DOTS,
  /** {@code --}. */
  DASHES,
  /** {@code ½} as {@code 1/2}. */
  FRACTION,
  /** {@code $}, {@code #} for the pound, {@code cents}. */
  CURRENCY,
  /** An entity as the ampersand or the angle bracket that it stands for. */
  ENTITY,
  /** {@code -LRB-} and its like. */
  BRACKET,
  /** Not written: space. */
  NOTHING,
  /** Not written: the end of a line. */
  LINE_END;

  /** The written form of a token. */
  String of(String token) {
    return switch (this) {
      case PLAIN, NOTHING, LINE_END -> token;
      case NO_SOFT_HYPHEN -> withoutSoftHyphens(token);
      case AMPERSAND -> withoutEntities(token);
      case NO_BREAK -> token.replace(' ', '\u00a0');
      case NO_BREAK_BRACKETS ->
          token.replace(' ', '\u00a0').replace("(", "-LRB-").replace(")", "-RRB-");
      case APOSTROPHE -> "'" + token.substring(Math.max(token.indexOf(';'), 0) + 1);
      case NOT -> not(token);
      case QUOTES -> quotes(token);
      case OPEN_DOUBLE -> "``";
      case CLOSE_DOUBLE -> "''";
      case OPEN_SINGLE -> "`";
      case DOTS -> "...";
      case DASHES -> "--";
      case FRACTION -> fraction(token);
      case CURRENCY -> currency(token);
      case ENTITY -> entity(token);
      case BRACKET -> bracket(token);
    };
  }

  private static String withoutSoftHyphens(String token) {
    if (token.indexOf('\u00ad') < 0) {
      return token;
    }
    String rest = token.replace("\u00ad", "");
    return rest.isEmpty() ? "-" : rest;
  }

  private static String withoutEntities(String token) {
    StringBuilder written = new StringBuilder(token);
    for (int i = written.indexOf(";"); i >= 0; i = written.indexOf(";")) {
      written.delete(i - "amp".length(), i + 1);
    }
    return written.toString();
  }

  private static String not(String token) {
    char mark = token.charAt(1);
    boolean left = mark == '`' || quotes(String.valueOf(mark)).equals("`");
    return token.charAt(0) + (left ? "`" : "'") + token.charAt(token.length() - 1);
  }

  private static String quotes(String token) {
    StringBuilder written = new StringBuilder();
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      switch (c) {
        case '\u2018', '\u0091', '\u201b', '\u2039' -> written.append('`');
        case '\u2019', '\u0092', '\u203a' -> written.append('\'');
        case '\u201c', '\u0093', '\u00ab' -> written.append("``");
        case '\u201d', '\u0094', '\u00bb' -> written.append("''");
        default -> written.append(c);
      }
    }
    return written.toString();
  }

  private static String fraction(String token) {
    return switch (token) {
      case "\u00bc" -> "1/4";
      case "\u00bd" -> "1/2";
      case "\u00be" -> "3/4";
      case "\u2153" -> "1/3";
      default -> "2/3";
    };
  }

  private static String currency(String token) {
    return switch (token) {
      case "\u00a3" -> "#";
      case "\u00a2" -> "cents";
      default -> "$";
    };
  }

  private static String entity(String token) {
    return switch (token.charAt(1)) {
      case 'a', 'A' -> "&";
      case 'l', 'L' -> "<";
      default -> ">";
    };
  }

  private static String bracket(String token) {
    return switch (token) {
      case "(" -> "-LRB-";
      case ")" -> "-RRB-";
      case "[" -> "-LSB-";
      case "]" -> "-RSB-";
      case "{" -> "-LCB-";
      default -> "-RCB-";
    };
  }
}
