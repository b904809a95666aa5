package dev.vignette.eval.metric;

import java.util.Arrays;

/**
 * The n-grams of one caption.
 *
 * @param length how many words it has
 * @param numbers by order − 1: its different n-grams, by number, in the order of their first
 *     occurrence
 * @param counts by order − 1: how often each of them occurs
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; millions of numbers
record CaptionNgrams(int length, int[][] numbers, int[][] counts) {
  /** The longest n-grams that the metrics count. */
  static final int ORDERS = 4;

  /** Numbers n-grams. */
  @FunctionalInterface
  interface Numbering {
    /** The number of the n-gram of an order from 2 on, by its first words' number and its last. */
    int number(int order, int start, int word);
  }

  /** Counts the n-grams of a caption of words. */
  static CaptionNgrams of(int[] words, Numbering numbering) {
    int[][] numbers = new int[ORDERS][];
    int[][] counts = new int[ORDERS][];
    int[] grams = words; // by position: the n-gram that starts there
    for (int order = 1; order <= ORDERS; order++) {
      if (order > 1) {
        grams = longer(grams, words, order, numbering);
      }
      count(grams, order - 1, numbers, counts);
    }
    return new CaptionNgrams(words.length, numbers, counts);
  }

  /** How often the caption has an n-gram. */
  int count(int order, int number) {
    int[] all = numbers[order - 1];
    for (int i = 0; i < all.length; i++) {
      if (all[i] == number) {
        return counts[order - 1][i];
      }
    }
    return 0;
  }

  private static int[] longer(int[] shorter, int[] words, int order, Numbering numbering) {
    int[] grams = new int[Math.max(0, words.length - order + 1)];
    for (int i = 0; i < grams.length; i++) {
      grams[i] = numbering.number(order, shorter[i], words[i + order - 1]);
    }
    return grams;
  }

  private static void count(int[] grams, int at, int[][] numbers, int[][] counts) {
    int[] distinct = new int[grams.length];
    int[] count = new int[grams.length];
    int size = 0;
    for (int gram : grams) {
      int i = 0;
      while (i < size && distinct[i] != gram) {
        i++;
      }
      if (i == size) {
        distinct[size++] = gram;
      }
      count[i]++;
    }
    numbers[at] = Arrays.copyOf(distinct, size);
    counts[at] = Arrays.copyOf(count, size);
  }
}
