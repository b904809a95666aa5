package dev.vignette.captions.decoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A made-up language model: the logits after a text are random numbers seeded by that text. Keeps
 * each hypothesis' tokens, so that a search that mixes up parents gives another result.
 */
final class TableModel implements HypothesisModel {

  private final int vocabularySize;
  private final long seed;
  private List<int[]> hypotheses = List.of();

  TableModel(int vocabularySize, long seed) {
    this.vocabularySize = vocabularySize;
    this.seed = seed;
  }

  float[] logitsAfter(int[] tokens) {
    Random random = new Random(31 * seed + Arrays.hashCode(tokens));
    float[] logits = new float[vocabularySize];
    for (int i = 0; i < vocabularySize; i++) {
      logits[i] = (float) (2 * random.nextGaussian());
    }
    return logits;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void start(float[] logits) {
    hypotheses = List.of(new int[0]);
    System.arraycopy(logitsAfter(new int[0]), 0, logits, 0, vocabularySize);
  }

  @Override
  public void advance(int[] parents, int[] tokens, float[][] logits) {
    List<int[]> next = new ArrayList<>();
    for (int i = 0; i < parents.length; i++) {
      int[] parent = hypotheses.get(parents[i]);
      int[] longer = Arrays.copyOf(parent, parent.length + 1);
      longer[parent.length] = tokens[i];
      next.add(longer);
      System.arraycopy(logitsAfter(longer), 0, logits[i], 0, vocabularySize);
    }
    hypotheses = next;
  }
}
