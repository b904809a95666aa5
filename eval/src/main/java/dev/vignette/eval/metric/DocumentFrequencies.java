package dev.vignette.eval.metric;

import dev.vignette.eval.metric.CaptionCorpus.Entry;

/**
 * In how many images each n-gram occurs in some reference, of the n-grams of one corpus.
 *
 * @param documents how many images were counted, N
 * @param counts by order − 1, by number: in how many of them the n-gram occurs; 0 for one that only
 *     candidates have
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; hundreds of thousands of numbers
public record DocumentFrequencies(int documents, int[][] counts) {

  public DocumentFrequencies {
    if (documents < 1) {
      throw new IllegalArgumentException(
          "Document frequencies count at least one document, these count " + documents);
    }
  }

  /** The frequencies of the corpus's own references. */
  public static DocumentFrequencies of(CaptionCorpus corpus) {
    int[][] counts = new int[CaptionNgrams.ORDERS][];
    for (int order = 1; order <= CaptionNgrams.ORDERS; order++) {
      counts[order - 1] = count(corpus, order);
    }
    return new DocumentFrequencies(corpus.size(), counts);
  }

  private static int[] count(CaptionCorpus corpus, int order) {
    int[] counts = new int[corpus.distinct(order)];
    int[] lastSeen = new int[counts.length]; // image, from 1
    int image = 0;
    for (Entry entry : corpus.images()) {
      image++;
      for (CaptionCorpus.Caption reference : entry.references()) {
        for (int number : reference.ngrams().numbers()[order - 1]) {
          if (lastSeen[number] != image) {
            lastSeen[number] = image;
            counts[number]++;
          }
        }
      }
    }
    return counts;
  }
}
