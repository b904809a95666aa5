package dev.vignette.llava;

import dev.vignette.images.PixelPreprocessor.Framing;
import dev.vignette.llama.ContextOptions;
import dev.vignette.llama.FlashAttention;
import dev.vignette.llama.ModelOptions;
import java.nio.file.Path;

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
 * @param framing how a picture becomes the tower's square
 * @param flashAttention whether attention is fused; only off shows its weights
 * @param observable whether the attention can be tapped
 * @param template what stands around image and instruction
 * @param layout how batches of many prompts use their context
 */
public record LlavaOptions(
    Path model,
    Path projector,
    ModelOptions load,
    int threads,
    int contextLength,
    int maxBeams,
    Framing framing,
    FlashAttention flashAttention,
    boolean observable,
    PromptTemplate template,
    BatchLayout layout) {

  /**
   * Enough for LLaVA-1.5's 576 image tokens, a long instruction and five beams of a long caption.
   */
  public static final int DEFAULT_CONTEXT = 2048;

  public LlavaOptions {
    if (threads < 1 || threads > ContextOptions.MAX_THREADS) {
      throw new IllegalArgumentException("threads are 1 to 512, not " + threads);
    }
    if (maxBeams < 1 || maxBeams > 64) {
      throw new IllegalArgumentException("maxBeams is 1 to 64, not " + maxBeams);
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
   * The best device, threads for the size of the model, room for 8 beams, Hugging Face's centre
   * crop.
   */
  public static LlavaOptions of(Path model, Path projector) {
    return new LlavaOptions(
        model,
        projector,
        ModelOptions.defaults(),
        defaultThreads(model),
        DEFAULT_CONTEXT,
        8,
        Framing.CROP,
        FlashAttention.AUTO,
        false,
        PromptTemplate.LLAVA_1_5,
        BatchLayout.DEFAULT);
  }

  public LlavaOptions withLoad(ModelOptions value) {
    return new LlavaOptions(
        model,
        projector,
        value,
        threads,
        contextLength,
        maxBeams,
        framing,
        flashAttention,
        observable,
        template,
        layout);
  }

  public LlavaOptions withThreads(int value) {
    return new LlavaOptions(
        model,
        projector,
        load,
        value,
        contextLength,
        maxBeams,
        framing,
        flashAttention,
        observable,
        template,
        layout);
  }

  public LlavaOptions withContext(int length, int beams) {
    return new LlavaOptions(
        model,
        projector,
        load,
        threads,
        length,
        beams,
        framing,
        flashAttention,
        observable,
        template,
        layout);
  }

  public LlavaOptions withFraming(Framing value) {
    return new LlavaOptions(
        model,
        projector,
        load,
        threads,
        contextLength,
        maxBeams,
        value,
        flashAttention,
        observable,
        template,
        layout);
  }

  public LlavaOptions withFlashAttention(FlashAttention value) {
    return new LlavaOptions(
        model,
        projector,
        load,
        threads,
        contextLength,
        maxBeams,
        framing,
        value,
        observable,
        template,
        layout);
  }

  /** Flash attention off and the context observable, so that attention weights can be tapped. */
  public LlavaOptions withAttentionVisible() {
    return new LlavaOptions(
        model,
        projector,
        load,
        threads,
        contextLength,
        maxBeams,
        framing,
        FlashAttention.OFF,
        true,
        template,
        layout);
  }

  public LlavaOptions withTemplate(PromptTemplate value) {
    return new LlavaOptions(
        model,
        projector,
        load,
        threads,
        contextLength,
        maxBeams,
        framing,
        flashAttention,
        observable,
        value,
        layout);
  }

  public LlavaOptions withLayout(BatchLayout value) {
    return new LlavaOptions(
        model,
        projector,
        load,
        threads,
        contextLength,
        maxBeams,
        framing,
        flashAttention,
        observable,
        template,
        value);
  }
}
