package dev.vignette.eval.tokenize;

import dev.vignette.eval.tokenize.Nfa.Part;
import java.util.BitSet;
import java.util.Map;

/**
 * Rules, written as regular expressions over character kinds, into an automaton (Thompson's
 * construction).
 *
 * <p>The notation is the usual one: literals, {@code \x} for a literal {@code x}, classes {@code
 * [a-z]} and {@code [^…]} ({@code [^]} is any character), groups, {@code |}, {@code *}, {@code +},
 * {@code ?}, {@code {m,n}}, {@code (?i:…)} within which ASCII letters match in either case, and
 * {@code {name}} for a named piece. A character beyond ASCII stands for its whole {@link CharKind}.
 */
final class RuleParser {
  private final Map<String, String> pieces;
  private final Nfa nfa = new Nfa();

  private String rule = "";
  private int at;
  private boolean anyCase;

  /** {@code pieces} are what rules may name in braces. */
  RuleParser(Map<String, String> pieces) {
    this.pieces = pieces;
  }

  /** Adds a rule; of two rules that match the same length the one with the lower number wins. */
  void add(String pattern, int number) {
    nfa.accept(parse(pattern), number);
  }

  /** The automaton of all rules added. */
  Nfa automaton() {
    return nfa;
  }

  private Part parse(String pattern) {
    rule = pattern;
    at = 0;
    Part part = alternatives();
    if (at != rule.length()) {
      throw bad("an unmatched ')'");
    }
    return part;
  }

  private Part alternatives() {
    Part part = sequence();
    if (at == rule.length() || rule.charAt(at) != '|') {
      return part;
    }
    int first = nfa.fork();
    int last = nfa.fork();
    nfa.link(first, part.first());
    nfa.link(part.last(), last);
    while (at < rule.length() && rule.charAt(at) == '|') {
      at++;
      Part other = sequence();
      nfa.link(first, other.first());
      nfa.link(other.last(), last);
    }
    return new Part(first, last);
  }

  private Part sequence() {
    int first = nfa.fork();
    int last = first;
    while (at < rule.length() && rule.charAt(at) != '|' && rule.charAt(at) != ')') {
      Part part = repeated();
      nfa.link(last, part.first());
      last = part.last();
    }
    return new Part(first, last);
  }

  private Part repeated() {
    int from = at;
    Part part = atom();
    return switch (at < rule.length() ? rule.charAt(at) : '\0') {
      case '*' -> loop(part, true, true);
      case '+' -> loop(part, false, true);
      case '?' -> loop(part, true, false);
      case '{' -> Character.isDigit(rule.charAt(at + 1)) ? counted(from, part) : part;
      default -> part;
    };
  }

  private Part loop(Part part, boolean optional, boolean again) {
    at++;
    int first = nfa.fork();
    int last = nfa.fork();
    nfa.link(first, part.first());
    nfa.link(part.last(), last);
    if (optional) {
      nfa.link(first, last);
    }
    if (again) {
      nfa.link(part.last(), part.first());
    }
    return new Part(first, last);
  }

  /** {@code {m}} or {@code {m,n}}: the atom is read again for each further copy. */
  private Part counted(int from, Part once) {
    int close = rule.indexOf('}', at);
    int comma = rule.lastIndexOf(',', close);
    int most = Integer.parseInt(rule, Math.max(at, comma) + 1, close, 10);
    int least = comma < at ? most : Integer.parseInt(rule, at + 1, comma, 10);
    int first = nfa.fork();
    int last = nfa.fork();
    nfa.link(first, once.first());
    if (least == 0) {
      nfa.link(first, last);
    }
    Part part = once;
    for (int copies = 1; copies < most; copies++) {
      if (copies >= least) {
        nfa.link(part.last(), last);
      }
      at = from;
      Part another = atom();
      nfa.link(part.last(), another.first());
      part = another;
    }
    nfa.link(part.last(), last);
    at = close + 1;
    return new Part(first, last);
  }

  private Part atom() {
    char c = rule.charAt(at);
    if (c == '(') {
      return group();
    }
    if (c == '{') {
      return piece();
    }
    BitSet on = new BitSet(CharKind.COUNT);
    if (c == '[') {
      readClass(on);
    } else {
      include(on, literal());
    }
    return nfa.reading(on);
  }

  private Part group() {
    boolean outer = anyCase;
    if (rule.startsWith("(?i:", at)) {
      anyCase = true;
      at += 3;
    }
    at++;
    Part part = alternatives();
    if (at == rule.length()) {
      throw bad("a group that is not closed");
    }
    at++;
    anyCase = outer;
    return part;
  }

  private Part piece() {
    int close = rule.indexOf('}', at);
    String name = rule.substring(at + 1, close);
    String pattern = pieces.get(name);
    if (pattern == null) {
      throw bad("the unknown piece {" + name + "}");
    }
    String outer = rule;
    boolean outerCase = anyCase;
    anyCase = false;
    Part part = parse(pattern);
    anyCase = outerCase;
    rule = outer;
    at = close + 1;
    return part;
  }

  private void readClass(BitSet on) {
    at++;
    boolean not = rule.charAt(at) == '^';
    if (not) {
      at++;
    }
    while (rule.charAt(at) != ']') {
      char first = literal();
      char last = first;
      if (rule.charAt(at) == '-' && rule.charAt(at + 1) != ']') {
        at++;
        last = literal();
      }
      for (char c = first; c <= last; c++) {
        include(on, c);
      }
    }
    at++;
    if (not) {
      on.flip(0, CharKind.COUNT);
    }
  }

  private void include(BitSet on, char c) {
    on.set(CharKind.of(c));
    if (anyCase && c < 128) {
      on.set(CharKind.of(Character.toLowerCase(c)));
      on.set(CharKind.of(Character.toUpperCase(c)));
    }
  }

  private char literal() {
    char c = rule.charAt(at++);
    return c == '\\' ? rule.charAt(at++) : c;
  }

  private IllegalArgumentException bad(String what) {
    return new IllegalArgumentException("rule «" + rule + "» has " + what + " at " + at);
  }
}
