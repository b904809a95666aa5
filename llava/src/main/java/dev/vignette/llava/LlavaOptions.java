package dev.vignette.llava;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.llama.ContextOptions;
import dev.vignette.llama.ContextOptions.FlashAttention;
import dev.vignette.llama.LlamaModel.ModelOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which LLaVA is opened, and how.
 *
 * @param model the language model's GGUF file
 * @param projector the vision tower's and projector's GGUF file (mmproj)
 * @param load where the model computes
 * @param threads processor threads, 1 to 512
 * @param contextLength tokens the context holds, prompt and all beams together; cut to what all
 *     beams could fill
 * @param maxBeams the most beams a caption may ask for, 1 to 64
 * @param framing how a picture becomes the tower's square; nothing for the way the tower was
 *     trained
 * @param flashAttention whether attention is fused; only off shows its weights
 * @param observable whether the attention can be tapped
 * @param template what stands around image and instruction; nothing for what the model's chat
 *     template says
 * @param layout how batches of many prompts use their context
 */
public record LlavaOptions(
    Path model,
    Path projector,
    ModelOptions load,
    int threads,
    int contextLength,
    int maxBeams,
    Optional<Framing> framing,
    FlashAttention flashAttention,
    boolean observable,
    Optional<PromptTemplate> template,
    BatchLayout layout) {

  /**
   * Enough for LLaVA-1.5's 576 image tokens, a long instruction and five beams of a long caption.
   */
  public static final int DEFAULT_CONTEXT = 2048;

  /** Tokens that LLaVA-1.5's image and a long instruction take. */
  private static final int IMAGE_AND_INSTRUCTION = 1024;

  public LlavaOptions {
    if (threads < 1 || threads > ContextOptions.MAX_THREADS) {
      throw new IllegalArgumentException(
          "threads are 1 to %d, not %d".formatted(ContextOptions.MAX_THREADS, threads));
    }
    if (maxBeams < 1 || maxBeams > GenerationConfig.MAX_BEAMS) {
      throw new IllegalArgumentException(
          "maxBeams is 1 to %d, not %d".formatted(GenerationConfig.MAX_BEAMS, maxBeams));
    }
    if (contextLength < 1) {
      throw new IllegalArgumentException("the context is 1 token or more, not " + contextLength);
    }
  }

  /**
   * A thread for each 32 MB of weights, up to the number of processors: the threads of a small
   * model wait for each other longer than they compute (docs/benchmarks.md).
   */
  private static int defaultThreads(Path model) {
    long worthwhile = model.toFile().length() / (32L << 20);
    int processors =
        Math.min(ContextOptions.MAX_THREADS, Runtime.getRuntime().availableProcessors());
    return Math.clamp(worthwhile, 1, processors);
  }

  /**
   * The best device, threads for the size of the model, room for 8 beams, pictures and prompts as
   * the model knows them.
   */
  public static LlavaOptions of(Path model, Path projector) {
    return new LlavaOptions(
        model,
        projector,
        ModelOptions.defaults(),
        defaultThreads(model),
        DEFAULT_CONTEXT,
        8,
        Optional.empty(),
        FlashAttention.AUTO,
        false,
        Optional.empty(),
        BatchLayout.DEFAULT);
  }

  public LlavaOptions withLoad(ModelOptions value) {
    return with(parts -> parts.load = value);
  }

  public LlavaOptions withThreads(int value) {
    return with(parts -> parts.threads = value);
  }

  public LlavaOptions withContext(int length, int beams) {
    return with(parts -> {
      parts.contextLength = length;
      parts.maxBeams = beams;
    });
  }

  /**
   * A context with room for an image, a long instruction and what any of the configurations
   * generates, of at least {@link #DEFAULT_CONTEXT} tokens.
   */
  public LlavaOptions withRoomFor(List<GenerationConfig> configs) {
    int beams = 1;
    int newTokens = 1;
    for (GenerationConfig config : configs) {
      beams = Math.max(beams, config.numBeams());
      newTokens = Math.max(newTokens, config.numBeams() * config.maxNewTokens());
    }
    return withContext(Math.max(DEFAULT_CONTEXT, IMAGE_AND_INSTRUCTION + newTokens), beams);
  }

  public LlavaOptions withFraming(Framing value) {
    return with(parts -> parts.framing = Optional.of(value));
  }

  public LlavaOptions withFlashAttention(FlashAttention value) {
    return with(parts -> parts.flashAttention = value);
  }

  /** Flash attention off and the context observable, so that attention weights can be tapped. */
  public LlavaOptions withAttentionVisible() {
    return with(parts -> {
      parts.flashAttention = FlashAttention.OFF;
      parts.observable = true;
    });
  }

  public LlavaOptions withTemplate(PromptTemplate value) {
    return with(parts -> parts.template = Optional.of(value));
  }

  public LlavaOptions withLayout(BatchLayout value) {
    return with(parts -> parts.layout = value);
  }

  private LlavaOptions with(Consumer<Parts> change) {
    Parts parts = new Parts(this);
    change.accept(parts);
    return new LlavaOptions(
        model,
        projector,
        parts.load,
        parts.threads,
        parts.contextLength,
        parts.maxBeams,
        parts.framing,
        parts.flashAttention,
        parts.observable,
        parts.template,
        parts.layout);
  }

  /** What may be changed. */
  private static final class Parts {
    private ModelOptions load;
    private int threads;
    private int contextLength;
    private int maxBeams;
    private Optional<Framing> framing;
    private FlashAttention flashAttention;
    private boolean observable;
    private Optional<PromptTemplate> template;
    private BatchLayout layout;

    Parts(LlavaOptions options) {
      load = options.load;
      threads = options.threads;
      contextLength = options.contextLength;
      maxBeams = options.maxBeams;
      framing = options.framing;
      flashAttention = options.flashAttention;
      observable = options.observable;
      template = options.template;
      layout = options.layout;
    }
  }

  /**
   * How a batch of many prompts uses the context; none of it changes a caption.
   *
   * @param memory how sequences lie in memory; empty for the faster one: streams without beams,
   *     shared cells with them
   * @param prefillImages images whose rows are read by one decode, 1 or more, or more of them where
   *     they are small: as many as 512 rows hold; one alone needs no copy
   * @param microBatchRows the most rows computed at once, 1 or more
   */
  public record BatchLayout(
      Optional<SequenceMemory> memory, int prefillImages, int microBatchRows) {

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
       * A part for each sequence: attention sees its own cells only. A prompt has one hypothesis,
       * so no beams.
       */
      STREAMS
    }
  }
}
