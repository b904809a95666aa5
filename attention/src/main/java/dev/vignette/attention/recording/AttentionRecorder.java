package dev.vignette.attention.recording;

import dev.vignette.attention.AttentionTrace;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers a trace while a caption is generated: a model hands over each layer's rows whenever it
 * has read a token, and the search says when one is chosen, which those rows then belong to.
 */
public final class AttentionRecorder {
  private final List<Integer> layers;
  private final List<Integer> heads;
  private final float[][] latest;
  private final List<float[][]> rows = new ArrayList<>();

  /**
   * @param layers of the model to trace, ascending
   * @param heads to trace; empty for the mean of all
   */
  public AttentionRecorder(List<Integer> layers, List<Integer> heads) {
    this.layers = List.copyOf(layers);
    this.heads = List.copyOf(heads);
    this.latest = new float[layers.size() * Math.max(1, heads.size())][];
  }

  /** Whether a layer's rows are wanted. */
  public boolean wants(int layer) {
    return layers.contains(layer);
  }

  /**
   * Takes the newest row of every head of a layer that is wanted.
   *
   * @param weights where the rows are; copied
   * @param offset of the first head's row
   * @param stride from one head's row to the next
   * @param headCount heads of the layer
   * @param keys positions of a row
   */
  public void row(int layer, float[] weights, int offset, int stride, int headCount, int keys) {
    int place = layers.indexOf(layer) * Math.max(1, heads.size());
    if (heads.isEmpty()) {
      latest[place] = mean(weights, offset, stride, headCount, keys);
      return;
    }
    for (int i = 0; i < heads.size(); i++) {
      int from = offset + heads.get(i) * stride;
      latest[place + i] = Arrays.copyOfRange(weights, from, from + keys);
    }
  }

  private static float[] mean(float[] weights, int offset, int stride, int headCount, int keys) {
    float[] mean = new float[keys];
    for (int head = 0; head < headCount; head++) {
      for (int key = 0; key < keys; key++) {
        mean[key] += weights[offset + head * stride + key];
      }
    }
    for (int key = 0; key < keys; key++) {
      mean[key] /= headCount;
    }
    return mean;
  }

  /**
   * Says that a token was chosen by what the newest rows brought.
   *
   * @param keys positions there are up to the row that chose it; what a row has beyond is padding
   */
  public void chosen(int keys) {
    for (int i = 0; i < latest.length; i++) {
      if (latest[i] == null) {
        throw new IllegalStateException(
            "the model gave no attention of layer %d for a token; is it computed without weights?"
                .formatted(layers.get(i / Math.max(1, heads.size()))));
      }
    }
    float[][] token = new float[latest.length][];
    for (int i = 0; i < latest.length; i++) {
      token[i] = latest[i].length == keys ? latest[i] : Arrays.copyOf(latest[i], keys);
    }
    rows.add(token);
    Arrays.fill(latest, null);
  }

  /**
   * What was gathered.
   *
   * @param pieces (tokens) text of each token chosen, with the space before it
   */
  public AttentionTrace trace(List<String> pieces, PatchGrid grid) {
    return new AttentionTrace(pieces, layers, heads, grid, rows.toArray(float[][][]::new));
  }
}
