package dev.vignette.eval.tokenize;

import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The longest match of a set of rules, one table look-up a character.
 *
 * <p>States are made when a text first needs them (the subset construction), so that starting costs
 * nothing for rules that no text uses. Safe for use by several threads.
 */
final class LazyDfa {
  /** A match that depends on more text. */
  static final long UNDECIDED = -2;

  private final Nfa rules;
  private final Map<IntBuffer, State> known = new HashMap<>();
  private final State dead;
  private final State initial;

  /** Publishing a state in {@code next} without a lock is safe: all its fields are final. */
  private static final class State {
    final int[] set;
    final int rule;
    final @Nullable State[] next = new @Nullable State[CharKind.COUNT];

    State(int[] set, int rule) {
      this.set = set;
      this.rule = rule;
    }
  }

  LazyDfa(Nfa rules) {
    this.rules = rules;
    dead = state(new int[0]);
    initial = state(rules.initial());
  }

  /**
   * The longest prefix of {@code text} from {@code from} that some rule matches.
   *
   * @param last whether no more text follows
   * @return a match for {@link #end} and {@link #rule}, −1 when no rule matches, or {@link
   *     #UNDECIDED} when a rule may match more of what follows
   */
  long match(String text, int from, boolean last) {
    State state = initial;
    long best = -1;
    for (int i = from; ; i++) {
      if (i == text.length()) {
        return last ? best : UNDECIDED;
      }
      int kind = CharKind.of(text.charAt(i));
      State next = state.next[kind];
      if (next == null) {
        next = make(state, kind);
      }
      if (next == dead) {
        return best;
      }
      state = next;
      if (state.rule >= 0) {
        best = ((long) (i + 1) << 32) | state.rule;
      }
    }
  }

  /** The end, exclusive, of a match. */
  static int end(long match) {
    return (int) (match >>> 32);
  }

  /** The number of the rule of a match. */
  static int rule(long match) {
    return (int) match;
  }

  private synchronized State make(State state, int kind) {
    State next = state(rules.step(state.set, kind));
    state.next[kind] = next;
    return next;
  }

  private State state(int[] set) {
    return known.computeIfAbsent(IntBuffer.wrap(set), key -> new State(set, rules.accepted(set)));
  }
}
