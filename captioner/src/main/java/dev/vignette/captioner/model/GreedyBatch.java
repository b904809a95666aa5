package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captions.decoding.Hypothesis;
import dev.vignette.torch.AttentionTap;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Greedy search for many images at once; images that are done leave the batch. */
public final class GreedyBatch {
  private final CaptionDecoder decoder;
  private final int maxNewTokens;

  /**
   * @param maxNewTokens most tokens of a caption, the end token counted; at most the decoder's
   *     positions
   */
  public GreedyBatch(CaptionDecoder decoder, int maxNewTokens) {
    this.decoder = decoder;
    this.maxNewTokens = Math.min(maxNewTokens, decoder.config().positions());
  }

  /** What is known of one image's caption. */
  private static final class Line {
    final int[] tokens;
    final float[] logProbabilities;
    int count;
    double score;

    Line(int capacity) {
      tokens = new int[capacity];
      logProbabilities = new float[capacity];
    }

    void add(int token, float logProbability) {
      tokens[count] = token;
      logProbabilities[count++] = logProbability;
    }

    Hypothesis toHypothesis() {
      return new Hypothesis(
          Arrays.copyOf(tokens, count), Arrays.copyOf(logProbabilities, count), score);
    }
  }

  /**
   * Captions a batch.
   *
   * @param features (B, P, W)
   * @return one hypothesis an image
   */
  public List<Hypothesis> run(NDManager parent, NDArray features) {
    int images = (int) features.getShape().get(0);
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      lines.add(new Line(maxNewTokens));
    }
    List<Line> open = new ArrayList<>(lines);
    long[] ids = new long[images];
    Arrays.fill(ids, decoder.config().endToken());
    try (NDManager manager = parent.newSubManager();
        KeyValueCache cache = decoder.prefix(manager, features)) {
      for (int step = 0; step < maxNewTokens && !open.isEmpty(); step++) {
        ids = step(manager, cache, open, ids);
      }
    }
    return lines.stream().map(Line::toHypothesis).toList();
  }

  /** Chooses the next token of each open line and returns those of the lines that stay open. */
  private long[] step(NDManager manager, KeyValueCache cache, List<Line> open, long[] ids) {
    int vocabulary = decoder.config().vocabulary();
    List<Line> staying = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    float[] row = new float[vocabulary];
    // Logits of a GPU leave a copy in the host's memory, which belongs to their manager.
    try (NDManager reading = manager.newSubManager()) {
      NDArray logits = decoder.step(reading, cache, ids, AttentionTap.NONE);
      FloatBuffer values = logits.toByteBuffer(false).asFloatBuffer(); // (B, V)
      for (int i = 0; i < open.size(); i++) {
        values.get(i * vocabulary, row);
        if (choose(open.get(i), row)) {
          staying.add(open.get(i));
          kept.add(i);
        }
      }
    }
    if (!staying.isEmpty() && staying.size() < open.size()) {
      cache.keepImages(kept.stream().mapToLong(Integer::longValue).toArray(), 1);
    }
    open.clear();
    open.addAll(staying);
    return staying.stream().mapToLong(line -> line.tokens[line.count - 1]).toArray();
  }

  /** Adds the likeliest token; false when it ends the caption. */
  private boolean choose(Line line, float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - logits[best]);
    }
    float logProbability = (float) -Math.log(sum);
    line.score += logProbability;
    if (best == decoder.config().endToken()) {
      return false;
    }
    line.add(best, logProbability);
    return true;
  }
}
