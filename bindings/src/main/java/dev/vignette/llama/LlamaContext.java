package dev.vignette.llama;

import dev.vignette.llama.ContextOptions.FlashAttention;
import dev.vignette.llama.TensorSink.TensorFilter;
import dev.vignette.llama.internal.NativeHandle;
import dev.vignette.llama.internal.NativeLog;
import dev.vignette.llama.internal.TensorObserver;
import dev.vignette.llama.internal.ffi.LlamaCpp;
import dev.vignette.llama.internal.ffi.llama_context_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * A model's working state: the memory of its sequences and the logits of the last decode.
 *
 * <p>Confined to the thread that made it: every call from another thread is an {@link
 * IllegalStateException}. Arguments are checked here, because llama.cpp ends the process on a wrong
 * one.
 */
public final class LlamaContext implements AutoCloseable {

  private final Thread owner = Thread.currentThread();
  private final Arena arena = Arena.ofConfined();
  private final LlamaModel model;
  private final ContextOptions options;
  private final TensorObserver observer = new TensorObserver();
  private final NativeHandle handle;
  private final int vocabularySize;
  private final int embeddingLength;
  private final int contextLength;
  private BitSet outputRows = new BitSet();
  private long decodes;

  /**
   * Makes a context over a model, and keeps the model's memory alive until it is closed.
   *
   * @throws LlamaException if llama.cpp cannot make it, such as for want of memory
   */
  public LlamaContext(LlamaModel model, ContextOptions options) {
    this.model = model;
    this.options = options;
    this.vocabularySize = model.vocabulary().size();
    this.embeddingLength = model.embeddingLength();
    model.handle().retain();
    try {
      this.handle = NativeHandle.confined("this context", create(), LlamaCpp::llama_free);
    } catch (Throwable e) {
      arena.close();
      model.handle().release();
      throw e;
    }
    this.contextLength = LlamaCpp.llama_n_ctx(handle.pointer());
  }

  private MemorySegment create() {
    NativeLog.forget();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment params = LlamaCpp.llama_context_default_params(call);
      llama_context_params.n_ctx(params, options.contextLength());
      llama_context_params.n_batch(params, options.batchSize());
      llama_context_params.n_ubatch(params, options.microBatchSize());
      llama_context_params.n_seq_max(params, options.maxSequences());
      llama_context_params.n_threads(params, options.threads());
      llama_context_params.n_threads_batch(params, options.threads());
      llama_context_params.flash_attn_type(params, nativeValue(options.flashAttention()));
      llama_context_params.kv_unified(params, options.sharedCells());
      llama_context_params.no_perf(params, true);
      if (options.observable()) {
        llama_context_params.cb_eval(params, observer.callback(arena));
      }
      MemorySegment context = LlamaCpp.llama_init_from_model(model.handle().pointer(), params);
      if (context.equals(MemorySegment.NULL)) {
        throw new LlamaException(
            "llama.cpp could not make a context of %d tokens and %d sequences; %s; try a smaller context"
                .formatted(options.contextLength(), options.maxSequences(), NativeLog.recent()));
      }
      return context;
    }
  }

  private static int nativeValue(FlashAttention value) {
    return switch (value) {
      case AUTO -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_AUTO();
      case ON -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_ENABLED();
      case OFF -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_DISABLED();
    };
  }

  /** The pointer, once the calling thread is known to be the owner. */
  private MemorySegment pointer() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "this context belongs to thread '%s' and was used by '%s'; make one for each thread"
              .formatted(owner.getName(), Thread.currentThread().getName()));
    }
    return handle.pointer();
  }

  public LlamaModel model() {
    return model;
  }

  /** Tokens it holds over all its sequences: what was asked for, rounded up by llama.cpp. */
  public int contextLength() {
    return contextLength;
  }

  public ContextOptions options() {
    return options;
  }

  /**
   * Computes a batch: its rows join the memory of their sequences, the logits asked for can be read
   * afterwards.
   *
   * @throws IllegalArgumentException if the batch is empty, larger than the context's, names a
   *     sequence it does not have or a token or width the model does not have
   * @throws LlamaException if the memory is full or llama.cpp fails
   */
  public void decode(Batch batch) {
    MemorySegment context = pointer();
    check(batch);
    outputRows.clear();
    decodes++;
    NativeLog.forget();
    long began = System.nanoTime();
    int code = LlamaCpp.llama_decode(context, batch.struct());
    LlamaRuntime.addNative(began);
    observer.rethrow();
    if (code == 1) {
      throw new LlamaException(
          "%d more tokens do not fit the context of %d; use a larger one or a shorter prompt"
              .formatted(batch.size(), contextLength));
    }
    if (code != 0) {
      throw new LlamaException(
          "llama.cpp could not decode %d rows (code %d); %s"
              .formatted(batch.size(), code, NativeLog.recent()));
    }
    outputRows = batch.outputRows();
  }

  private void check(Batch batch) {
    if (batch.size() < 1 || batch.size() > options.batchSize()) {
      throw new IllegalArgumentException(
          "a decode takes 1 to %d rows in this context, not %d"
              .formatted(options.batchSize(), batch.size()));
    }
    checkSequence(batch.maxSequence());
    batch.checkFits(vocabularySize, embeddingLength);
  }

  /**
   * Copies the logits after a row of the last decode.
   *
   * @param row a row whose logits the batch asked for
   * @param destination filled with one logit a token of the vocabulary; at least that long
   */
  public void logits(int row, float[] destination) {
    MemorySegment context = pointer();
    if (row < 0 || !outputRows.get(row)) {
      throw new IllegalArgumentException(
          "the last decode gave logits for rows %s, not %d".formatted(outputRows, row));
    }
    if (destination.length < vocabularySize) {
      throw new IllegalArgumentException(
          "logits need %d floats, not %d".formatted(vocabularySize, destination.length));
    }
    long began = System.nanoTime();
    MemorySegment logits = LlamaCpp.llama_get_logits_ith(context, row);
    LlamaRuntime.addNative(began);
    MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, destination, 0, vocabularySize);
  }

  /**
   * The logits after rows of the last decode, to be read from any thread until the next decode.
   *
   * @param rows whose logits the batch asked for
   */
  public DecodedLogits logits(int[] rows) {
    MemorySegment context = pointer();
    MemorySegment[] found = new MemorySegment[rows.length];
    long began = System.nanoTime();
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || !outputRows.get(rows[i])) {
        throw new IllegalArgumentException(
            "the last decode gave logits for rows %s, not %d".formatted(outputRows, rows[i]));
      }
      found[i] =
          LlamaCpp.llama_get_logits_ith(context, rows[i])
              .reinterpret((long) vocabularySize * Float.BYTES);
    }
    LlamaRuntime.addNative(began);
    return new DecodedLogits(this, decodes, found);
  }

  /** Refuses logits of a decode that is not the last. */
  void requireLast(long decode) {
    handle.pointer();
    if (decode != decodes) {
      throw new IllegalStateException(
          "the context has decoded again since; read logits before the next decode");
    }
  }

  /** Empties the memory of every sequence. */
  public void clearMemory() {
    LlamaCpp.llama_memory_clear(memory(), true);
  }

  /**
   * Forgets a part of a sequence.
   *
   * @param from the first position forgotten
   * @param to the first position kept after it; -1 for all from {@code from} on
   * @throws LlamaException if the model's memory cannot forget a part; it is then as it was
   */
  public void removeSequence(int sequence, int from, int to) {
    checkSequence(sequence);
    MemorySegment memory = memory();
    long began = System.nanoTime();
    boolean removed = LlamaCpp.llama_memory_seq_rm(memory, sequence, from, to);
    LlamaRuntime.addNative(began);
    if (!removed) {
      throw new LlamaException(
          "the memory of this model cannot forget the positions %d to %d of a sequence, only a whole one, as is so with recurrent models; use another model"
              .formatted(from, to));
    }
  }

  /**
   * Makes one sequence a copy of another's whole memory; what the target held is forgotten. With
   * shared cells the memory is not doubled. Without, it is copied when the next batch is decoded,
   * before anything of that batch is written: until then the source must stay as it is.
   */
  public void copySequence(int source, int target) {
    checkSequence(source);
    checkSequence(target);
    if (source != target) {
      MemorySegment memory = memory();
      long began = System.nanoTime();
      LlamaCpp.llama_memory_seq_rm(memory, target, -1, -1);
      LlamaCpp.llama_memory_seq_cp(memory, source, target, -1, -1);
      LlamaRuntime.addNative(began);
    }
  }

  /** Forgets every sequence but one. */
  public void keepSequence(int sequence) {
    checkSequence(sequence);
    MemorySegment memory = memory();
    long began = System.nanoTime();
    LlamaCpp.llama_memory_seq_keep(memory, sequence);
    LlamaRuntime.addNative(began);
  }

  /** The last position a sequence holds, or -1 if it is empty. */
  public int lastPosition(int sequence) {
    checkSequence(sequence);
    return LlamaCpp.llama_memory_seq_pos_max(memory(), sequence);
  }

  private MemorySegment memory() {
    return LlamaCpp.llama_get_memory(pointer());
  }

  private void checkSequence(int sequence) {
    if (sequence < 0 || sequence >= options.maxSequences()) {
      throw new IllegalArgumentException(
          "a sequence id is 0 to %d in this context, not %d"
              .formatted(options.maxSequences() - 1, sequence));
    }
  }

  /**
   * Copies named tensors out of every decode until the tap is closed.
   *
   * @param wanted chooses by name and operation; asked for every node of the graph, so answer fast
   * @param sink receives each chosen tensor; what it throws is thrown by the decode
   * @throws IllegalStateException if the context was not made observable, or a tap is open
   */
  public Tap tap(TensorFilter wanted, TensorSink sink) {
    pointer();
    if (!options.observable()) {
      throw new IllegalStateException(
          "this context is not observable; make it with ContextOptions.withObservable(true)");
    }
    observer.open(wanted, sink);
    return observer::close;
  }

  /** Tensors are copied out until this is closed. */
  public interface Tap extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public void close() {
    if (Thread.currentThread() != owner) {
      pointer();
    }
    if (handle.close()) {
      arena.close();
      model.handle().release();
    }
  }

  /**
   * Logits of a decode, in the context's memory. May be read from any thread until the context
   * decodes again or is closed, which is an {@link IllegalStateException} afterwards; not while it
   * does so.
   */
  public static final class DecodedLogits {

    private final LlamaContext context;
    private final long decode;
    private final MemorySegment[] rows;

    /**
     * @param decode the context's number of the decode
     * @param rows (vocabulary) of float each
     */
    DecodedLogits(LlamaContext context, long decode, MemorySegment[] rows) {
      this.context = context;
      this.decode = decode;
      this.rows = rows;
    }

    /** Rows there are. */
    public int count() {
      return rows.length;
    }

    /**
     * Copies a row.
     *
     * @param row 0 to count - 1, in the order asked for
     * @param destination filled with one logit a token of the vocabulary; at least that long
     */
    public void copy(int row, float[] destination) {
      context.requireLast(decode);
      MemorySegment logits = rows[row];
      int size = Math.toIntExact(logits.byteSize() / Float.BYTES);
      if (destination.length < size) {
        throw new IllegalArgumentException(
            "logits need %d floats, not %d".formatted(size, destination.length));
      }
      MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, destination, 0, size);
    }
  }
}
