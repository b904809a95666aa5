package dev.vignette.eval.tokenize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A nondeterministic automaton over character kinds, which {@link RuleParser} builds from rules.
 *
 * <p>Not safe for use by several threads at once.
 */
final class Nfa {
  private static final int NONE = -1;

  private final List<State> states = new ArrayList<>();
  private final int start = fork();

  /** Scratch of {@link #closure}: which states were seen in which round. */
  private int[] seen = {};

  private int[] reached = {};
  private int round;

  /** {@code on} is null for a state that is left without reading; {@code accepts} a rule or −1. */
  private static final class State {
    final @Nullable BitSet on;
    final int accepts;
    int[] next = {};

    State(@Nullable BitSet on, int accepts) {
      this.on = on;
      this.accepts = accepts;
    }
  }

  /** A part of an automaton: entered at {@code first}, left from {@code last}. */
  record Part(int first, int last) {}

  /** A new state that is left without reading. */
  int fork() {
    return state(null, NONE);
  }

  /** A new part that reads one character of the given kinds. */
  Part reading(BitSet kinds) {
    int first = state(kinds, NONE);
    int last = fork();
    link(first, last);
    return new Part(first, last);
  }

  /** Lets {@code to} follow {@code from}. */
  void link(int from, int to) {
    State state = states.get(from);
    state.next = Arrays.copyOf(state.next, state.next.length + 1);
    state.next[state.next.length - 1] = to;
  }

  /** Makes a part a rule; of two rules that match the same length the lower number wins. */
  void accept(Part part, int rule) {
    link(start, part.first);
    link(part.last, state(null, rule));
  }

  /** The states in which matching starts, in the form that {@link #step} takes. */
  int[] initial() {
    return closure(new int[] {start}, 1);
  }

  /** Where reading a character of the kind leads from a set of states; empty when nowhere. */
  int[] step(int[] from, int kind) {
    int[] to = new int[from.length];
    int count = 0;
    for (int s : from) {
      State state = states.get(s);
      if (state.on != null && state.on.get(kind)) {
        to[count++] = state.next[0];
      }
    }
    return closure(to, count);
  }

  /** The lowest-numbered rule that a set of states accepts, or −1. */
  int accepted(int[] set) {
    int best = NONE;
    for (int s : set) {
      int accepts = states.get(s).accepts;
      if (accepts != NONE && (best == NONE || accepts < best)) {
        best = accepts;
      }
    }
    return best;
  }

  /** All states reachable without reading that read or accept, ascending. */
  private int[] closure(int[] from, int count) {
    if (seen.length < states.size()) {
      seen = new int[states.size()];
      reached = new int[states.size()];
    }
    round++;
    int size = 0;
    for (int i = 0; i < count; i++) {
      size = reach(from[i], size);
    }
    int kept = 0;
    for (int i = 0; i < size; i++) {
      State state = states.get(reached[i]);
      if (state.on != null || state.accepts != NONE) {
        reached[kept++] = reached[i];
      } else {
        for (int next : state.next) {
          size = reach(next, size);
        }
      }
    }
    int[] set = Arrays.copyOf(reached, kept);
    Arrays.sort(set);
    return set;
  }

  private int reach(int s, int size) {
    if (seen[s] == round) {
      return size;
    }
    seen[s] = round;
    reached[size] = s;
    return size + 1;
  }

  private int state(@Nullable BitSet on, int accepts) {
    states.add(new State(on, accepts));
    return states.size() - 1;
  }
}
