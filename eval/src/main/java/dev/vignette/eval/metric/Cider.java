package dev.vignette.eval.metric;

import dev.vignette.eval.metric.MetricResult.MeanResult;
import java.util.stream.IntStream;

/**
 * CIDEr-D of pycocoevalcap ({@code cider_scorer.py}), what everybody calls CIDEr: TF-IDF weighted
 * n-grams of one to four words, clipped, with a Gaussian penalty on the difference in length. Equal
 * to the reference's to the last bit: all sums are in its order.
 */
public final class Cider {
  /** The name of the metric. */
  public static final String NAME = "CIDEr";

  private static final double SIGMA = 6;
  private static final double SCALE = 10;
  private static final int ORDERS = CaptionNgrams.ORDERS;

  /** Frequencies below it are looked up, the few others computed each time. */
  private static final int TABULATED = 1 << 16;

  private final DocumentFrequencies frequencies;
  private final double logDocuments;

  /** By document frequency: its logarithm, and 0 of none. */
  private final double[] logs;

  private Cider(DocumentFrequencies frequencies) {
    this.frequencies = frequencies;
    logDocuments = Math.log(frequencies.documents());
    logs = IntStream.range(0, TABULATED).mapToDouble(df -> Math.log(Math.max(1, df))).toArray();
  }

  /**
   * Scores every image.
   *
   * @param frequencies of this corpus's n-grams
   * @return scores from 0 to 10; all 0 when every n-gram of the references is in every image
   * @throws IllegalArgumentException when the frequencies are of another corpus
   */
  public static MetricResult score(CaptionCorpus corpus, DocumentFrequencies frequencies) {
    if (frequencies.corpus() != corpus) {
      throw new IllegalArgumentException(
          "CIDEr takes the document frequencies of the corpus that it scores, these are of another");
    }
    Cider cider = new Cider(frequencies);
    double[] scores =
        IntStream.range(0, corpus.size())
            .parallel()
            .mapToDouble(
                image -> cider.score(corpus.candidateWords(image), corpus.referenceWords(image)))
            .toArray();
    return new MeanResult(NAME, scores);
  }

  /** A caption as vectors of weights, one an order, beside its n-grams. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one image
  private record Weighted(CaptionNgrams ngrams, double[][] weights, double[] norms, int bigrams) {
    double weight(int n, int number) {
      int[] numbers = ngrams.numbers()[n];
      for (int i = 0; i < numbers.length; i++) {
        if (numbers[i] == number) {
          return weights[n][i];
        }
      }
      return 0;
    }
  }

  private double score(int[] words, int[][] references) {
    Weighted candidate = weighted(words);
    double[] sums = new double[ORDERS];
    for (int[] reference : references) {
      addSimilarity(candidate, weighted(reference), sums);
    }
    return PairwiseSum.mean(sums) / references.length * SCALE;
  }

  private double logFrequency(int order, int number) {
    int df = frequencies.count(order, number);
    return df < TABULATED ? logs[df] : Math.log(df);
  }

  private Weighted weighted(int[] words) {
    CaptionNgrams ngrams = CaptionNgrams.of(words, frequencies.index());
    double[][] weights = new double[ORDERS][];
    double[] norms = new double[ORDERS];
    for (int n = 0; n < ORDERS; n++) {
      int[] numbers = ngrams.numbers()[n];
      weights[n] = new double[numbers.length];
      double squares = 0;
      for (int i = 0; i < numbers.length; i++) {
        double weight = ngrams.counts()[n][i] * (logDocuments - logFrequency(n + 1, numbers[i]));
        weights[n][i] = weight;
        squares += weight * weight;
      }
      norms[n] = Math.sqrt(squares);
    }
    return new Weighted(ngrams, weights, norms, Math.max(0, ngrams.length() - 1));
  }

  private static void addSimilarity(Weighted candidate, Weighted reference, double[] sums) {
    double delta = candidate.bigrams - reference.bigrams;
    double penalty = Math.pow(Math.E, -(delta * delta) / (2 * SIGMA * SIGMA));
    for (int n = 0; n < ORDERS; n++) {
      int[] numbers = candidate.ngrams.numbers()[n];
      double product = 0;
      for (int i = 0; i < numbers.length; i++) {
        double weight = reference.weight(n, numbers[i]);
        product += Math.min(candidate.weights[n][i], weight) * weight;
      }
      if (candidate.norms[n] != 0 && reference.norms[n] != 0) {
        product /= candidate.norms[n] * reference.norms[n];
      }
      sums[n] += product * penalty;
    }
  }
}
