package dev.vignette.eval.metric;

import dev.vignette.eval.metric.MetricResult.MeanResult;
import java.util.stream.IntStream;

/**
 * ROUGE-L of pycocoevalcap ({@code rouge.py}): F-measure, β = 1.2, of the best precision and the
 * best recall of the longest common subsequence with any reference.
 */
public final class RougeL {
  /** The name of the metric. */
  public static final String NAME = "ROUGE-L";

  private static final double BETA = 1.2;

  private RougeL() {}

  /** Scores every image, from 0 to 1. */
  public static MetricResult score(CaptionCorpus corpus) {
    double[] scores =
        IntStream.range(0, corpus.size())
            .parallel()
            .mapToDouble(
                image -> score(corpus.spacedCandidate(image), corpus.spacedReferences(image)))
            .toArray();
    return new MeanResult(NAME, scores);
  }

  private static double score(int[] candidate, int[][] references) {
    double precision = 0;
    double recall = 0;
    for (int[] reference : references) {
      double common = common(reference, candidate);
      precision = Math.max(precision, common / candidate.length);
      recall = Math.max(recall, common / reference.length);
    }
    if (precision == 0 || recall == 0) {
      return 0;
    }
    return (1 + BETA * BETA) * precision * recall / (recall + BETA * BETA * precision);
  }

  /** The length of the longest common subsequence. */
  private static int common(int[] a, int[] b) {
    int[] lengths = new int[b.length + 1]; // of the row before, overwritten from the left
    for (int word : a) {
      int diagonal = 0;
      for (int j = 0; j < b.length; j++) {
        int above = lengths[j + 1];
        lengths[j + 1] = word == b[j] ? diagonal + 1 : Math.max(above, lengths[j]);
        diagonal = above;
      }
    }
    return lengths[b.length];
  }
}
