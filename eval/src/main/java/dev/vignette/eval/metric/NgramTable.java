package dev.vignette.eval.metric;

import java.util.Arrays;

/**
 * N-grams of one order by number, in the order in which they first occur: a hash table from an
 * n-gram's first words, by their number as a shorter n-gram, and its last word. It holds them
 * whole, in some 14 bytes each.
 */
final class NgramTable {
  private static final int EMPTY = -1;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  /** Slots are filled up to three quarters. */
  private int[] slots;

  /** By number: the key of each n-gram. */
  private long[] keys;

  private int size;

  /**
   * @param slots how many slots there are at first, a power of 2 from 4 up
   */
  NgramTable(int slots) {
    this.slots = new int[slots];
    keys = new long[slots - slots / 4];
    Arrays.fill(this.slots, EMPTY);
  }

  /** The number of an n-gram; a new one gets the next number. */
  int number(int start, int word) {
    long key = key(start, word);
    int slot = find(key);
    if (slots[slot] != EMPTY) {
      return slots[slot];
    }
    if (size == keys.length) {
      grow();
      slot = find(key);
    }
    slots[slot] = size;
    keys[size] = key;
    return size++;
  }

  /** The number of an n-gram, or −1 when it never occurred. */
  int known(int start, int word) {
    return slots[find(key(start, word))];
  }

  /** The number, in the table of the order below, of what an n-gram starts with. */
  int start(int number) {
    return (int) (keys[number] >>> 32);
  }

  /** The last word of an n-gram. */
  int lastWord(int number) {
    return (int) keys[number];
  }

  /** How many different n-grams occurred. */
  int size() {
    return size;
  }

  private static long key(int start, int word) {
    return ((long) start << 32) | word;
  }

  private int find(long key) {
    int mask = slots.length - 1;
    int slot = (int) ((key * MIX) >>> (Long.numberOfLeadingZeros(mask)));
    while (slots[slot] != EMPTY && keys[slots[slot]] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    int many = Math.multiplyExact(slots.length, 2);
    slots = new int[0]; // given back before twice as many are taken
    keys = Arrays.copyOf(keys, many - many / 4);
    slots = new int[many];
    Arrays.fill(slots, EMPTY);
    for (int number = 0; number < size; number++) {
      slots[find(keys[number])] = number;
    }
  }
}
