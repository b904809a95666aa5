package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captions.decoding.HypothesisModel;
import dev.vignette.torch.AttentionTap;
import java.nio.FloatBuffer;

/** The captioner's side of a search: hypotheses about one image, its visual rows held once. */
public final class DecoderHypotheses implements HypothesisModel, AutoCloseable {
  private final NDManager manager;
  private final CaptionDecoder decoder;
  private final KeyValueCache cache;
  private final AttentionTap tap;
  private int live = 1;

  /**
   * @param features of one image (1, P, W)
   * @param tap hears every step
   */
  public DecoderHypotheses(
      NDManager parent, CaptionDecoder decoder, NDArray features, AttentionTap tap) {
    this.manager = parent.newSubManager();
    this.decoder = decoder;
    this.tap = tap;
    this.cache = decoder.prefix(manager, features);
  }

  @Override
  public int vocabularySize() {
    return decoder.config().vocabulary();
  }

  @Override
  public void start(float[] logits) {
    step(new long[] {decoder.config().endToken()}, new float[][] {logits});
  }

  @Override
  public void advance(int[] parents, int[] tokens, float[][] logits) {
    long[] rows = new long[parents.length];
    long[] ids = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      rows[i] = parents[i];
      ids[i] = tokens[i];
    }
    if (parents.length > 1 || live > 1) {
      cache.select(rows);
    }
    live = parents.length;
    step(ids, logits);
  }

  private void step(long[] ids, float[][] logits) {
    try (NDManager reading = manager.newSubManager()) {
      NDArray result = decoder.step(reading, cache, ids, tap);
      FloatBuffer values = result.toByteBuffer(false).asFloatBuffer(); // (N, V)
      for (int i = 0; i < ids.length; i++) {
        values.get(i * vocabularySize(), logits[i], 0, vocabularySize());
      }
    }
  }

  @Override
  public void close() {
    cache.close();
    manager.close();
  }
}
