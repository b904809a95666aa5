package dev.vignette.eval.metric;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Words by number, in the order in which they first occur. */
final class WordNumbers {
  private final Map<String, Integer> numbers;
  private final List<String> words;

  WordNumbers() {
    numbers = new HashMap<>();
    words = new ArrayList<>();
  }

  /** The words of another, by the same numbers. */
  WordNumbers(WordNumbers other) {
    numbers = new HashMap<>(other.numbers);
    words = new ArrayList<>(other.words);
  }

  /** The numbers of words; new words get the next ones. */
  int[] numbers(List<String> of) {
    int[] found = new int[of.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = number(of.get(i));
    }
    return found;
  }

  /** The number of a word; a new word gets the next one. */
  int number(String word) {
    Integer known = numbers.putIfAbsent(word, words.size());
    if (known != null) {
      return known;
    }
    words.add(word);
    return words.size() - 1;
  }

  /** The number of a word, or −1 when it never occurred. */
  int known(String word) {
    return numbers.getOrDefault(word, -1);
  }

  /** How many different words there are. */
  int size() {
    return words.size();
  }

  /** The word of a number. */
  String word(int number) {
    return words.get(number);
  }
}
