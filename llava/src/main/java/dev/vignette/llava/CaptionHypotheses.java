package dev.vignette.llava;

import dev.vignette.captions.decoding.HypothesisModel;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.TokenBatch;

/**
 * The hypotheses of one caption in a llama.cpp context. The prompt is sequence 0; a single
 * hypothesis goes on in it, several share it by sequence copy, in two sets of sequences that take
 * turns.
 */
final class CaptionHypotheses implements HypothesisModel {

  private static final int PROMPT = 0;

  private final LlamaContext context;
  private final TokenBatch batch;
  private final int maxBeams;
  private int position;
  private int promptRow;
  private int[] sequences = {PROMPT};
  private boolean firstSetInUse;

  /**
   * @param batch for the tokens of a step, maxBeams or more rows
   */
  CaptionHypotheses(LlamaContext context, TokenBatch batch, int maxBeams) {
    this.context = context;
    this.batch = batch;
    this.maxBeams = maxBeams;
  }

  /**
   * Sets it to a prompt just decoded.
   *
   * @param promptLength positions of the prompt
   * @param row the row of the last decode whose logits follow the prompt
   */
  void begin(int promptLength, int row) {
    position = promptLength;
    promptRow = row;
    sequences = new int[] {PROMPT};
    firstSetInUse = false;
  }

  @Override
  public int vocabularySize() {
    return context.model().vocabulary().size();
  }

  @Override
  public void start(float[] logits) {
    context.logits(promptRow, logits);
  }

  @Override
  public void advance(int[] parents, int[] tokens, float[][] logits) {
    if (!continuesInPlace(parents)) {
      branch(parents);
    }
    batch.clear();
    for (int i = 0; i < tokens.length; i++) {
      batch.add(tokens[i], position, sequences[i], true);
    }
    context.decode(batch);
    position++;
    for (int i = 0; i < tokens.length; i++) {
      context.logits(i, logits[i]);
    }
  }

  /** Whether each hypothesis continues itself, so that no sequence need change. */
  private boolean continuesInPlace(int[] parents) {
    if (parents.length != sequences.length) {
      return false;
    }
    for (int i = 0; i < parents.length; i++) {
      if (parents[i] != i) {
        return false;
      }
    }
    return true;
  }

  /**
   * Copies each parent into the set not in use, then forgets the old set; memory is shared, not
   * doubled.
   */
  private void branch(int[] parents) {
    int first = firstSetInUse ? 1 + maxBeams : 1;
    int[] next = new int[parents.length];
    for (int i = 0; i < parents.length; i++) {
      next[i] = first + i;
      context.copySequence(sequences[parents[i]], next[i]);
    }
    for (int old : sequences) {
      if (old != PROMPT) {
        context.removeSequence(old, 0, -1);
      }
    }
    sequences = next;
    firstSetInUse = !firstSetInUse;
  }
}
