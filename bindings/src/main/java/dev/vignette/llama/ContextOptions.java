package dev.vignette.llama;

/**
 * The size and behaviour of a context.
 *
 * @param contextLength tokens it holds over all its sequences, 1 or more
 * @param batchSize the most tokens in one decode, 1 to contextLength
 * @param microBatchSize the most tokens computed at once, 1 to batchSize
 * @param maxSequences sequences it can hold, 1 to 256 and to batchSize, since llama.cpp makes room
 *     for a row of each; their ids are 0 to maxSequences - 1
 * @param sharedCells whether all sequences lie in one buffer, so that copies of a sequence share
 *     its memory but every row looks over all of it; else each has an equal part to itself
 * @param threads processor threads, 1 to 512
 * @param flashAttention whether attention is fused
 * @param observable whether {@link LlamaContext#tap} may be used; costs a callback a graph node
 */
public record ContextOptions(
    int contextLength,
    int batchSize,
    int microBatchSize,
    int maxSequences,
    boolean sharedCells,
    int threads,
    FlashAttention flashAttention,
    boolean observable) {

  /** llama.cpp's own limit on sequences. */
  public static final int MAX_SEQUENCES = 256;

  /** ggml's own limit on threads. */
  public static final int MAX_THREADS = 512;

  public ContextOptions {
    check("contextLength", contextLength, 1, 1 << 24);
    check("batchSize", batchSize, 1, contextLength);
    check("microBatchSize", microBatchSize, 1, batchSize);
    check("maxSequences", maxSequences, 1, Math.min(MAX_SEQUENCES, batchSize));
    check("threads", threads, 1, MAX_THREADS);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d to %d, not %d".formatted(name, least, most, value));
    }
  }

  /** One sequence, batches of the whole context, as many threads as the machine has processors. */
  public static ContextOptions ofLength(int contextLength) {
    int threads = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    return new ContextOptions(
        contextLength,
        contextLength,
        Math.min(contextLength, 1024),
        1,
        true,
        threads,
        FlashAttention.AUTO,
        false);
  }

  public ContextOptions withMaxSequences(int value) {
    return new ContextOptions(
        contextLength,
        batchSize,
        microBatchSize,
        value,
        sharedCells,
        threads,
        flashAttention,
        observable);
  }

  public ContextOptions withSharedCells(boolean value) {
    return new ContextOptions(
        contextLength,
        batchSize,
        microBatchSize,
        maxSequences,
        value,
        threads,
        flashAttention,
        observable);
  }

  public ContextOptions withThreads(int value) {
    return new ContextOptions(
        contextLength,
        batchSize,
        microBatchSize,
        maxSequences,
        sharedCells,
        value,
        flashAttention,
        observable);
  }

  public ContextOptions withFlashAttention(FlashAttention value) {
    return new ContextOptions(
        contextLength,
        batchSize,
        microBatchSize,
        maxSequences,
        sharedCells,
        threads,
        value,
        observable);
  }

  public ContextOptions withObservable(boolean value) {
    return new ContextOptions(
        contextLength,
        batchSize,
        microBatchSize,
        maxSequences,
        sharedCells,
        threads,
        flashAttention,
        value);
  }

  /**
   * Whether attention is computed in one fused step. Attention weights can be seen only when it is
   * {@link #OFF}.
   */
  public enum FlashAttention {
    /** llama.cpp decides by device and model. */
    AUTO,
    ON,
    OFF
  }
}
