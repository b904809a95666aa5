package dev.vignette.llava;

import dev.vignette.attention.AttentionRecorder;
import dev.vignette.llama.CopiedTensor;
import dev.vignette.llama.TensorFilter;
import dev.vignette.llama.TensorSink;

/**
 * Takes the attention of the last token of a decode out of llama.cpp's graph: node {@code
 * kq_soft_max-N} of layer N, which exists without flash attention only. Its columns are cells of
 * the memory, so positions as long as one sequence fills it from the start.
 */
final class AttentionTap implements TensorFilter, TensorSink {

  private static final String NODE = "kq_soft_max-";

  private final AttentionRecorder recorder;

  AttentionTap(AttentionRecorder recorder) {
    this.recorder = recorder;
  }

  @Override
  public boolean wants(String name, String operation) {
    return name.startsWith(NODE) && operation.equals("SOFT_MAX") && recorder.wants(layer(name));
  }

  private static int layer(String name) {
    int layer = 0;
    for (int i = NODE.length(); i < name.length(); i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      layer = 10 * layer + digit;
    }
    return layer;
  }

  /** Takes (heads, tokens, cells). */
  @Override
  public void accept(CopiedTensor tensor) {
    int cells = Math.toIntExact(tensor.shape()[0]);
    int tokens = Math.toIntExact(tensor.shape()[1]);
    int heads = Math.toIntExact(tensor.shape()[2]);
    recorder.row(
        layer(tensor.name()), tensor.values(), (tokens - 1) * cells, tokens * cells, heads, cells);
  }
}
