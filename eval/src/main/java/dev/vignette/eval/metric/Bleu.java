package dev.vignette.eval.metric;

import dev.vignette.eval.metric.CaptionCorpus.Caption;
import dev.vignette.eval.metric.CaptionCorpus.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * BLEU-1 to BLEU-4 of pycocoevalcap ({@code bleu_scorer.py}): clipped n-gram precision, geometric
 * mean, brevity penalty against the reference closest in length, of two equally close the shorter.
 */
public final class Bleu {
  /** The names of its figures, by order − 1. */
  public static final List<String> NAMES = List.of("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4");

  private static final double SMALL = 1e-9;
  private static final double TINY = 1e-15;
  private static final int ORDERS = CaptionNgrams.ORDERS;

  private Bleu() {}

  /** Scores every image, for BLEU-1 to BLEU-4 in this order. */
  public static List<MetricResult> score(CaptionCorpus corpus) {
    return results(count(corpus));
  }

  /** What BLEU counts in every image. */
  public static List<BleuCounts> count(CaptionCorpus corpus) {
    List<Entry> images = corpus.images();
    return IntStream.range(0, images.size())
        .parallel()
        .mapToObj(i -> count(images.get(i)))
        .toList();
  }

  /** BLEU-1 to BLEU-4 of images whose counts are known. */
  public static List<MetricResult> results(List<BleuCounts> counts) {
    List<MetricResult> results = new ArrayList<>();
    NAMES.forEach(name -> results.add(result(name, counts)));
    return results;
  }

  /** The result with one of {@link #NAMES}, of images whose counts are known. */
  public static MetricResult result(String name, List<BleuCounts> counts) {
    return new BleuResult(NAMES.indexOf(name) + 1, counts);
  }

  /** What a result of BLEU among some was counted from, an image each; empty if there is none. */
  public static List<BleuCounts> counts(List<MetricResult> results) {
    for (MetricResult result : results) {
      if (result instanceof BleuResult bleu) {
        return bleu.counts();
      }
    }
    return List.of();
  }

  private static BleuCounts count(Entry entry) {
    CaptionNgrams candidate = entry.candidate().ngrams();
    int[] correct = new int[ORDERS];
    for (int order = 1; order <= ORDERS; order++) {
      int[] numbers = candidate.numbers()[order - 1];
      for (int i = 0; i < numbers.length; i++) {
        int most = 0;
        for (Caption reference : entry.references()) {
          most = Math.max(most, reference.ngrams().count(order, numbers[i]));
        }
        correct[order - 1] += Math.min(most, candidate.counts()[order - 1][i]);
      }
    }
    return new BleuCounts(
        candidate.length(), closestLength(entry), correct[0], correct[1], correct[2], correct[3]);
  }

  private static int closestLength(Entry entry) {
    int length = entry.candidate().ngrams().length();
    int closest = entry.references().getFirst().ngrams().length();
    for (Caption reference : entry.references()) {
      int other = reference.ngrams().length();
      int nearer = Math.abs(other - length) - Math.abs(closest - length);
      if (nearer < 0 || (nearer == 0 && other < closest)) {
        closest = other;
      }
    }
    return closest;
  }

  /**
   * The score of summed counts.
   *
   * @param guessed how many n-grams of each order the candidates have
   * @param correct how many of them are in a reference
   */
  static double score(int order, long length, long reference, long[] guessed, long[] correct) {
    double product = 1;
    for (int n = 0; n < order; n++) {
      product *= (correct[n] + TINY) / (guessed[n] + SMALL);
    }
    double score = Math.pow(product, 1.0 / order);
    double ratio = (length + TINY) / (reference + SMALL);
    return ratio < 1 ? score * Math.exp(1 - 1 / ratio) : score;
  }
}
