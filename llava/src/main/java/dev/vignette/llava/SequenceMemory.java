package dev.vignette.llava;

/** How the sequences of a batch lie in the context's memory. */
public enum SequenceMemory {
  /**
   * One buffer for all: hypotheses of a prompt and prompts about one image share what they have in
   * common, but attention passes over everybody's cells.
   */
  SHARED,
  /**
   * A part for each sequence: attention sees its own cells only. A prompt has one hypothesis, so no
   * beams.
   */
  STREAMS
}
