package dev.vignette.llava;

import java.util.Optional;

/**
 * How a batch of many prompts uses the context; none of it changes a caption.
 *
 * @param memory how sequences lie in memory; empty for the faster one: streams without beams,
 *     shared cells with them
 * @param prefillImages images whose rows are read by one decode, 1 or more, or more of them where
 *     they are small: as many as 512 rows hold; one alone needs no copy
 * @param microBatchRows the most rows computed at once, 1 or more
 */
public record BatchLayout(Optional<SequenceMemory> memory, int prefillImages, int microBatchRows) {

  /** What measured best (docs/benchmarks.md). */
  public static final BatchLayout DEFAULT = new BatchLayout(Optional.empty(), 8, 2048);

  public BatchLayout {
    if (prefillImages < 1 || microBatchRows < 1) {
      throw new IllegalArgumentException(
          "images of a prefill and rows of a micro-batch are 1 or more, not %d and %d"
              .formatted(prefillImages, microBatchRows));
    }
  }

  /** The same with another memory. */
  public BatchLayout with(SequenceMemory value) {
    return new BatchLayout(Optional.of(value), prefillImages, microBatchRows);
  }

  SequenceMemory memoryFor(int beams) {
    return memory.orElse(beams == 1 ? SequenceMemory.STREAMS : SequenceMemory.SHARED);
  }

  /** How the sequences of a batch lie in the context's memory. */
  public enum SequenceMemory {
    /**
     * One buffer for all: hypotheses of a prompt and prompts about one image share what they have
     * in common, but attention passes over everybody's cells.
     */
    SHARED,
    /**
     * A part for each sequence: attention sees its own cells only. A prompt has one hypothesis, so
     * no beams.
     */
    STREAMS
  }
}
