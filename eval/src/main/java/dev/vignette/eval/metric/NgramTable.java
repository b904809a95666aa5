package dev.vignette.eval.metric;

import java.util.Arrays;

/**
 * N-grams of one order by number, in the order in which they first occur: a hash table from an
 * n-gram's first words, by their number as a shorter n-gram, and its last word.
 */
final class NgramTable {
  private static final int EMPTY = -1;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private long[] keys = new long[1 << 12];
  private int[] slots = new int[1 << 12];
  private int size;

  /** By number: the key of each n-gram. */
  private long[] byNumber = new long[1 << 11];

  NgramTable() {
    Arrays.fill(slots, EMPTY);
  }

  /** The number of an n-gram; a new one gets the next number. */
  int number(int start, int word) {
    long key = key(start, word);
    int slot = find(key);
    if (slots[slot] != EMPTY) {
      return slots[slot];
    }
    if (2 * (size + 1) > keys.length) {
      grow();
      slot = find(key);
    }
    put(slot, key, size);
    if (size == byNumber.length) {
      byNumber = Arrays.copyOf(byNumber, 2 * size);
    }
    byNumber[size] = key;
    return size++;
  }

  /** The number of an n-gram, or −1 when it never occurred. */
  int known(int start, int word) {
    return slots[find(key(start, word))];
  }

  /** The number, in the table of the order below, of what an n-gram starts with. */
  int start(int number) {
    return (int) (byNumber[number] >>> 32);
  }

  /** The last word of an n-gram. */
  int lastWord(int number) {
    return (int) byNumber[number];
  }

  /** How many different n-grams occurred. */
  int size() {
    return size;
  }

  private static long key(int start, int word) {
    return ((long) start << 32) | word;
  }

  private int find(long key) {
    int mask = keys.length - 1;
    int slot = ((int) ((key * MIX) >>> 40)) & mask;
    while (slots[slot] != EMPTY && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void put(int slot, long key, int number) {
    keys[slot] = key;
    slots[slot] = number;
  }

  private void grow() {
    keys = new long[2 * keys.length];
    slots = new int[keys.length];
    Arrays.fill(slots, EMPTY);
    for (int number = 0; number < size; number++) {
      put(find(byNumber[number]), byNumber[number], number);
    }
  }
}
