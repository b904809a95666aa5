package dev.vignette.eval.metric;

import dev.vignette.eval.tokenize.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Many lines of tokens as words by number, packed: four bytes a word and four a line. Lines are
 * added by one thread, then read by any.
 */
public final class WordLines {
  /** Words are kept in blocks of so many, so that nothing is copied when they become more. */
  private static final int BLOCK_BITS = 18;

  private static final int BLOCK = 1 << BLOCK_BITS;

  private final WordNumbers vocabulary = new WordNumbers();
  private final List<int[]> blocks = new ArrayList<>();

  /** By line: where it ends, which is where the next one starts. */
  private int[] ends = new int[64];

  private int size;

  /** By line: its words as ROUGE splits them, where that is another way. */
  private final Map<Integer, int[]> spaced = new HashMap<>();

  /** Adds a line: tokens joined by spaces. */
  public void add(String line) {
    boolean same =
        !line.isEmpty() && line.chars().allMatch(c -> c == ' ' || !Words.isSpace((char) c));
    int end = start(size);
    for (String word : Words.atAnySpace(line)) {
      int block = end >>> BLOCK_BITS;
      if (block == blocks.size()) {
        blocks.add(new int[BLOCK]);
      }
      blocks.get(block)[end & (BLOCK - 1)] = vocabulary.number(word);
      end = Math.addExact(end, 1);
    }
    if (!same) {
      spaced.put(size, vocabulary.numbers(Words.atSpaces(line)));
    }
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, size + size / 2);
    }
    ends[size++] = end;
  }

  /** How many lines there are. */
  public int size() {
    return size;
  }

  /** The words of a line, split at any white space, as CIDEr and BLEU split it. */
  int[] words(int line) {
    int from = start(line);
    int[] words = new int[ends[line] - from];
    for (int done = 0; done < words.length; ) {
      int at = (from + done) & (BLOCK - 1);
      int many = Math.min(words.length - done, BLOCK - at);
      System.arraycopy(blocks.get((from + done) >>> BLOCK_BITS), at, words, done, many);
      done += many;
    }
    return words;
  }

  /** The words of a line, split at spaces only, as ROUGE splits it. */
  int[] spaced(int line) {
    int[] found = spaced.get(line);
    return found == null ? words(line) : found;
  }

  /** Words by number. */
  WordNumbers vocabulary() {
    return vocabulary;
  }

  /** Renumbers all words, so that they are those of another vocabulary. */
  void renumber(WordNumbers into) {
    int[] numbers = new int[vocabulary.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = into.number(vocabulary.word(i));
    }
    int left = start(size);
    for (int[] block : blocks) {
      renumber(block, Math.min(left, BLOCK), numbers);
      left -= BLOCK;
    }
    spaced.values().forEach(words -> renumber(words, words.length, numbers));
  }

  private static void renumber(int[] words, int count, int[] numbers) {
    for (int i = 0; i < count; i++) {
      words[i] = numbers[words[i]];
    }
  }

  /** Whether all lines are those of {@code other}, whose words have other numbers. */
  boolean sameLines(WordLines other, int[] numberHere) {
    if (size != other.size) {
      return false;
    }
    for (int line = 0; line < size; line++) {
      if (!same(words(line), other.words(line), numberHere)
          || !same(spaced(line), other.spaced(line), numberHere)) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(int[] words, int[] others, int[] numberHere) {
    if (words.length != others.length) {
      return false;
    }
    for (int i = 0; i < words.length; i++) {
      if (words[i] != numberHere[others[i]]) {
        return false;
      }
    }
    return true;
  }

  private int start(int line) {
    return line == 0 ? 0 : ends[line - 1];
  }
}
