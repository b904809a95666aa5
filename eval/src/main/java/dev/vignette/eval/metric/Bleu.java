package dev.vignette.eval.metric;

import dev.vignette.eval.metric.CaptionNgrams.Numbering;
import java.util.Arrays;
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

  /** Slots of a table for the n-grams of one image. */
  private static final int FEW = 64;

  private static final int ORDERS = CaptionNgrams.ORDERS;

  private Bleu() {}

  /** Scores every image, for BLEU-1 to BLEU-4 in this order. */
  public static List<MetricResult> score(CaptionCorpus corpus) {
    return results(count(corpus));
  }

  /** What BLEU counts in every image. */
  public static List<BleuCounts> count(CaptionCorpus corpus) {
    return IntStream.range(0, corpus.size())
        .parallel()
        .mapToObj(image -> count(corpus.candidateWords(image), corpus.referenceWords(image)))
        .toList();
  }

  /** BLEU-1 to BLEU-4 of images whose counts are known. */
  public static List<MetricResult> results(List<BleuCounts> counts) {
    BleuTable table = BleuTable.of(counts);
    return IntStream.rangeClosed(1, ORDERS)
        .mapToObj(order -> (MetricResult) new BleuResult(order, table))
        .toList();
  }

  /** The result with one of {@link #NAMES}, of images whose counts are known. */
  public static MetricResult result(String name, List<BleuCounts> counts) {
    return new BleuResult(NAMES.indexOf(name) + 1, BleuTable.of(counts));
  }

  /** What a result of BLEU among some was counted from, an image each; empty if there is none. */
  public static List<BleuCounts> counts(List<MetricResult> results) {
    for (MetricResult result : results) {
      if (result instanceof BleuResult bleu) {
        return bleu.table().counts();
      }
    }
    return List.of();
  }

  /** Numbers n-grams within the image: others need not be told apart. */
  private static BleuCounts count(int[] words, int[][] references) {
    NgramTable[] tables = new NgramTable[ORDERS + 1];
    Arrays.setAll(tables, order -> new NgramTable(FEW));
    Numbering numbering = (order, start, word) -> tables[order].number(start, word);
    CaptionNgrams candidate = CaptionNgrams.of(words, numbering);
    List<CaptionNgrams> ofReferences =
        Arrays.stream(references).map(reference -> CaptionNgrams.of(reference, numbering)).toList();
    int[] correct = new int[ORDERS];
    for (int order = 1; order <= ORDERS; order++) {
      int[] numbers = candidate.numbers()[order - 1];
      for (int i = 0; i < numbers.length; i++) {
        int most = 0;
        for (CaptionNgrams reference : ofReferences) {
          most = Math.max(most, reference.count(order, numbers[i]));
        }
        correct[order - 1] += Math.min(most, candidate.counts()[order - 1][i]);
      }
    }
    return new BleuCounts(
        words.length,
        closestLength(words.length, references),
        correct[0],
        correct[1],
        correct[2],
        correct[3]);
  }

  private static int closestLength(int length, int[][] references) {
    int closest = references[0].length;
    for (int[] reference : references) {
      int nearer = Math.abs(reference.length - length) - Math.abs(closest - length);
      if (nearer < 0 || (nearer == 0 && reference.length < closest)) {
        closest = reference.length;
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

  /**
   * What BLEU counts in one image.
   *
   * @param length words of the candidate
   * @param reference words of the reference closest in length
   * @param correct1 words of the candidate that a reference has
   * @param correct2 likewise bigrams
   * @param correct3 likewise trigrams
   * @param correct4 likewise 4-grams
   */
  public record BleuCounts(
      int length, int reference, int correct1, int correct2, int correct3, int correct4) {

    public BleuCounts {
      if (length < 0 || reference < 0) {
        throw new IllegalArgumentException(
            "Lengths are from 0 on, these are %d and %d".formatted(length, reference));
      }
      int[] correct = {correct1, correct2, correct3, correct4};
      for (int n = 0; n < ORDERS; n++) {
        int most = n > 0 && correct[n - 1] == 0 ? 0 : Math.max(0, length - n);
        if (correct[n] < 0 || correct[n] > most) {
          throw new IllegalArgumentException(
              "Matches of %d words are from 0 to %d, in a caption of %d words they are %s"
                  .formatted(n + 1, most, length, Arrays.toString(correct)));
        }
      }
    }

    /** N-grams of an order from 1 to 4 that the candidate has. */
    public int guessed(int order) {
      return Math.max(0, length - order + 1);
    }

    /** N-grams of an order from 1 to 4 that a reference has too. */
    public int correct(int order) {
      return switch (order) {
        case 1 -> correct1;
        case 2 -> correct2;
        case 3 -> correct3;
        default -> correct4;
      };
    }
  }
}
