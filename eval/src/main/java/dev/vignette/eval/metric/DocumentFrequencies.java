package dev.vignette.eval.metric;

import java.util.Arrays;

/**
 * In how many images each n-gram occurs in some reference, of the n-grams of one corpus. It holds
 * every different n-gram of the corpus, so let go of it when the corpus is scored.
 */
public final class DocumentFrequencies {
  private final CaptionCorpus corpus;
  private final NgramIndex index;
  private final int documents;

  /** By order − 1, by number: 0 for an n-gram that only candidates have; may be longer. */
  private final int[][] counts;

  DocumentFrequencies(CaptionCorpus corpus, NgramIndex index, int documents, int[][] counts) {
    if (documents < 1) {
      throw new IllegalArgumentException(
          "Document frequencies count at least one document, these count " + documents);
    }
    this.corpus = corpus;
    this.index = index;
    this.documents = documents;
    this.counts = counts;
  }

  /** The frequencies of the corpus's own references. */
  public static DocumentFrequencies of(CaptionCorpus corpus) {
    NgramIndex index = new NgramIndex(corpus.vocabulary());
    int[][] counts = new int[CaptionNgrams.ORDERS][0];
    int[] seen = new int[0]; // by order in turn: all n-grams of an image's references
    for (int image = 0; image < corpus.size(); image++) {
      index.add(corpus.candidateWords(image));
      int[][] references = corpus.referenceWords(image);
      CaptionNgrams[] ngrams = new CaptionNgrams[references.length];
      Arrays.setAll(ngrams, i -> index.add(references[i]));
      for (int n = 0; n < CaptionNgrams.ORDERS; n++) {
        counts[n] = grown(counts[n], index.distinct(n + 1));
        seen = countOnce(ngrams, n, counts[n], seen);
      }
    }
    return new DocumentFrequencies(corpus, index, corpus.size(), counts);
  }

  /** Counts each n-gram of an image once; returns the room for the next image. */
  private static int[] countOnce(CaptionNgrams[] references, int n, int[] counts, int[] room) {
    int many = 0;
    int[] seen = room;
    for (CaptionNgrams reference : references) {
      int[] numbers = reference.numbers()[n];
      seen = grown(seen, many + numbers.length);
      System.arraycopy(numbers, 0, seen, many, numbers.length);
      many += numbers.length;
    }
    Arrays.sort(seen, 0, many);
    for (int i = 0; i < many; i++) {
      if (i == 0 || seen[i] != seen[i - 1]) {
        counts[seen[i]]++;
      }
    }
    return seen;
  }

  private static int[] grown(int[] array, int size) {
    return size <= array.length ? array : Arrays.copyOf(array, size + size / 4);
  }

  /** How many images were counted, N. */
  public int documents() {
    return documents;
  }

  /** The corpus that the n-grams are of. */
  CaptionCorpus corpus() {
    return corpus;
  }

  /** The n-grams by number. */
  NgramIndex index() {
    return index;
  }

  /** In how many images the n-gram of an order occurs. */
  int count(int order, int number) {
    return counts[order - 1][number];
  }
}
