package dev.vignette.eval.metric;

/**
 * The n-grams of two words and more of a corpus by number, those of one word being its words;
 * exact, since an n-gram is found by its words and not by a hash of them.
 */
final class NgramIndex implements CaptionNgrams.Numbering {
  private final WordNumbers vocabulary;

  /** By order − 1; none of order 1. */
  private final NgramTable[] tables = new NgramTable[CaptionNgrams.ORDERS];

  NgramIndex(WordNumbers vocabulary) {
    this.vocabulary = vocabulary;
    for (int order = 2; order <= CaptionNgrams.ORDERS; order++) {
      tables[order - 1] = new NgramTable(1 << 12);
    }
  }

  /** Numbers the n-grams of a caption. */
  CaptionNgrams add(int[] words) {
    return CaptionNgrams.of(words, (order, start, word) -> table(order).number(start, word));
  }

  /**
   * The number of an n-gram that was added, or −1. Safe for several threads when all were added.
   */
  @Override
  public int number(int order, int start, int word) {
    return table(order).known(start, word);
  }

  /** N-grams of an order from 2 on. */
  NgramTable table(int order) {
    return tables[order - 1];
  }

  /** How many different n-grams of an order were added. */
  int distinct(int order) {
    return order == 1 ? vocabulary.size() : table(order).size();
  }
}
