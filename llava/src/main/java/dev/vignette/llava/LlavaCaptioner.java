package dev.vignette.llava;

import dev.vignette.attention.AttentionSelection;
import dev.vignette.attention.AttentionTrace.PatchGrid;
import dev.vignette.attention.recording.AttentionRecorder;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.images.RgbImage;

/**
 * LLaVA-1.5 that captions one image at a time; {@link #batch} opens what captions many.
 *
 * <p>Confined to the thread that opened it, but for {@link #prepare} and {@link #batch}.
 */
public final class LlavaCaptioner implements AutoCloseable {

  private final LlavaModel model;
  private final LlavaBatch batch;

  private LlavaCaptioner(LlavaModel model) {
    this.model = model;
    this.batch = LlavaBatch.ofOne(model, usefulContext(model));
  }

  /**
   * Opens the files; nothing is left open when it fails.
   *
   * @throws dev.vignette.weights.faults.InvalidModelFileException if a file is not what it should
   *     be, or the two do not fit
   * @throws LlavaPrompt.PromptTooLongException if the context has no room for an image
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails
   */
  public static LlavaCaptioner open(LlavaOptions options) {
    return of(LlavaModel.open(options));
  }

  /**
   * Captions by a model that is open, and closes it in the end, or when this fails.
   *
   * @throws LlavaPrompt.PromptTooLongException if the context has no room for an image
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails
   */
  public static LlavaCaptioner of(LlavaModel model) {
    try {
      return new LlavaCaptioner(model);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /**
   * The context asked for, but no more than all beams at full length could fill: more is memory for
   * nothing, and may be more than there is.
   */
  private static int usefulContext(LlavaModel model) {
    LlavaOptions options = model.options();
    long most =
        Math.max(
            LlavaOptions.DEFAULT_CONTEXT,
            (long) model.weights().trainingContextLength() * options.maxBeams());
    return (int) Math.min(options.contextLength(), most);
  }

  /** Makes the tower's square of an image. May be called from any thread. */
  public RgbImage prepare(RgbImage image) {
    return model.prepare(image);
  }

  /** Captions one image by one instruction. */
  public Caption caption(RgbImage image, String instruction, GenerationConfig config) {
    return encode(prepare(image)).caption(instruction, config);
  }

  /**
   * Encodes an image and lets the language model read it.
   *
   * @param prepared what {@link #prepare} made
   */
  public EncodedImage encode(RgbImage prepared) {
    return new EncodedImage(model, batch, prepared);
  }

  /** The files and weights, which batches share. */
  public LlavaModel model() {
    return model;
  }

  /** Where the image's patches are in a prompt. */
  static PatchGrid grid(LlavaModel model) {
    return new PatchGrid(model.opening().length, (int) Math.round(Math.sqrt(model.imageTokens())));
  }

  /** An empty recorder for a selection of a model's layers and heads. */
  static AttentionRecorder recorder(LlavaModel model, AttentionSelection selection) {
    return new AttentionRecorder(
        selection.layersOf(model.weights().layerCount()),
        selection.headsOf(model.weights().headCount()));
  }

  /** The batch of one that captions come from. */
  LlavaBatch single() {
    return batch;
  }

  @Override
  public void close() {
    batch.close();
    model.close();
  }
}
