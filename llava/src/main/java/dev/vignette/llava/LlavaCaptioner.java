package dev.vignette.llava;

import dev.vignette.captions.PixelGeometry;
import dev.vignette.captions.PixelPreprocessor;
import dev.vignette.captions.RgbImage;
import dev.vignette.captions.attention.AttentionRecorder;
import dev.vignette.captions.attention.AttentionSelection;
import dev.vignette.captions.attention.PatchGrid;
import dev.vignette.captions.decoding.GenerationConfig;
import dev.vignette.llama.ContextOptions;
import dev.vignette.llama.EmbeddingBatch;
import dev.vignette.llama.ImageEmbedding;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.LlamaModel;
import dev.vignette.llama.TokenBatch;
import dev.vignette.llama.VisionProjector;
import dev.vignette.llama.Vocabulary;
import dev.vignette.weights.gguf.ModelFiles;
import dev.vignette.weights.gguf.ProjectorInfo;
import java.util.Arrays;

/**
 * LLaVA-1.5 that captions images: owns the language model, the vision projector and a context.
 *
 * <p>Confined to the thread that opened it, but for {@link #prepare}.
 */
public final class LlavaCaptioner implements AutoCloseable {

  private static final int PROMPT = 0;
  private static final int NOT_TEXT = -1;

  private final LlavaOptions options;
  private final PixelPreprocessor preprocessor;
  private final LlamaModel model;
  private final VisionProjector projector;
  private final LlamaContext context;
  private final TokenBatch batch;
  private final EmbeddingBatch imageBatch;
  private final CaptionHypotheses hypotheses;
  private final int imageTokens;
  private final int contextLength;
  private final int[] opening;
  private int imageSerial;

  private LlavaCaptioner(
      LlavaOptions options, ProjectorInfo tower, LlamaModel model, VisionProjector projector) {
    this.options = options;
    this.model = model;
    this.projector = projector;
    this.imageTokens = tower.imageTokens();
    this.preprocessor = PixelPreprocessor.clip(options.framing(), tower.imageSize());
    this.contextLength = usefulContext(options, model);
    int rows = Math.min(contextLength, Math.max(512, imageTokens));
    this.context =
        new LlamaContext(
            model,
            new ContextOptions(
                contextLength,
                rows,
                rows,
                1 + 2 * options.maxBeams(),
                options.threads(),
                options.flashAttention(),
                options.observable()));
    this.batch = new TokenBatch(rows);
    this.imageBatch = new EmbeddingBatch(imageTokens);
    this.hypotheses = new CaptionHypotheses(context, batch, options.maxBeams());
    this.opening = vocabulary().tokenize(options.template().beforeImage(), true, true);
  }

  /**
   * Opens the files; nothing is left open when it fails.
   *
   * @throws dev.vignette.weights.gguf.InvalidModelFileException if a file is not what it should be,
   *     or the two do not fit
   * @throws dev.vignette.llama.LlamaException if llama.cpp fails
   */
  public static LlavaCaptioner open(LlavaOptions options) {
    ModelFiles files = ModelFiles.check(options.model(), options.projector());
    LlamaModel model = LlamaModel.load(options.model(), options.load());
    try {
      VisionProjector projector =
          VisionProjector.load(
              options.projector(), files.projector().imageSize(), model, options.threads());
      try {
        return new LlavaCaptioner(options, files.projector(), model, projector);
      } catch (RuntimeException e) {
        projector.close();
        throw e;
      }
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** What it was opened with. */
  public LlavaOptions options() {
    return options;
  }

  /** Makes the tower's square of an image. May be called from any thread. */
  public RgbImage prepare(RgbImage image) {
    return preprocessor.frame(image);
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
    requireRoom(opening.length + imageTokens, "the image");
    long started = System.nanoTime();
    ImageEmbedding embedding = projector.encode(prepared.rgb());
    double encodeMillis = millisSince(started);
    started = System.nanoTime();
    imageSerial++;
    forgetAfter(opening.length);
    if (options.observable()) {
      context.clearMemory(); // so that cells are positions
    }
    if (context.lastPosition(PROMPT) < opening.length - 1) {
      context.clearMemory();
      decodeTokens(opening, 0, false);
    }
    imageBatch.set(embedding, opening.length, PROMPT);
    context.decode(imageBatch);
    return new EncodedImage(this, imageSerial, encodeMillis, millisSince(started));
  }

  /** Lets the model read an instruction after the image, and readies the hypotheses. */
  LlavaPrompt read(int serial, String instruction, GenerationConfig config) {
    if (serial != imageSerial) {
      throw new IllegalStateException(
          "the captioner has read another image since; caption an image before encoding the next");
    }
    if (config.numBeams() > options.maxBeams()) {
      throw new IllegalArgumentException(
          "this captioner was opened for at most %d beams, not %d; open it with more"
              .formatted(options.maxBeams(), config.numBeams()));
    }
    long started = System.nanoTime();
    int[] tokens = vocabulary().tokenize(options.template().afterImage(instruction), false, true);
    int imageEnd = opening.length + imageTokens;
    int length = imageEnd + tokens.length;
    requireRoom(length + config.numBeams() * config.maxNewTokens(), "prompt and caption");
    requireTrained(length, config.maxNewTokens());
    forgetAfter(imageEnd);
    hypotheses.begin(length, decodeTokens(tokens, imageEnd, true));
    context.synchronize();
    return new LlavaPrompt(ruleTokens(tokens), millisSince(started));
  }

  /** Decodes tokens of the prompt, as many at a time as the context takes; returns the last row. */
  private int decodeTokens(int[] tokens, int position, boolean lastWantsLogits) {
    int row = 0;
    for (int from = 0; from < tokens.length; from += batch.capacity()) {
      int to = Math.min(tokens.length, from + batch.capacity());
      batch.clear();
      row =
          batch.addAll(
              Arrays.copyOfRange(tokens, from, to),
              position + from,
              PROMPT,
              lastWantsLogits && to == tokens.length);
      context.decode(batch);
    }
    return row;
  }

  private void forgetAfter(int length) {
    context.keepSequence(PROMPT);
    context.removeSequence(PROMPT, length, -1);
  }

  private int[] ruleTokens(int[] instruction) {
    int[] all = new int[opening.length + imageTokens + instruction.length];
    Arrays.fill(all, NOT_TEXT);
    System.arraycopy(opening, 0, all, 0, opening.length);
    System.arraycopy(instruction, 0, all, opening.length + imageTokens, instruction.length);
    return all;
  }

  /**
   * The context asked for, but no more than all beams at full length could fill: more is memory for
   * nothing, and may be more than there is.
   */
  private static int usefulContext(LlavaOptions options, LlamaModel model) {
    long most =
        Math.max(
            LlavaOptions.DEFAULT_CONTEXT,
            (long) model.trainingContextLength() * options.maxBeams());
    return (int) Math.min(options.contextLength(), most);
  }

  private void requireRoom(int needed, String what) {
    if (needed > contextLength) {
      throw new PromptTooLongException(
          "%s take %d tokens, but the context holds %d; use a larger --context, a shorter instruction, fewer beams or fewer --max-new-tokens"
              .formatted(what, needed, contextLength));
    }
  }

  private void requireTrained(int promptLength, int newTokens) {
    int trained = model.trainingContextLength();
    if (promptLength + newTokens > trained) {
      throw new PromptTooLongException(
          "the prompt takes %d tokens and the caption up to %d, but the model was trained on %d; shorten the instruction or use fewer --max-new-tokens"
              .formatted(promptLength, newTokens, trained));
    }
  }

  Vocabulary vocabulary() {
    return model.vocabulary();
  }

  CaptionHypotheses hypotheses() {
    return hypotheses;
  }

  int[] endTokens() {
    return new int[] {vocabulary().endOfSentence()};
  }

  /**
   * The ids of a whole prompt as {@code transformers} numbers it, the image's places as {@code
   * imageToken}.
   */
  int[] promptTokens(String instruction, int imageToken) {
    int[] tokens = vocabulary().tokenize(options.template().afterImage(instruction), false, true);
    int[] all = ruleTokens(tokens);
    for (int i = 0; i < all.length; i++) {
      all[i] = all[i] == NOT_TEXT ? imageToken : all[i];
    }
    return all;
  }

  /** Where the image's patches are in a prompt. */
  PatchGrid grid() {
    return new PatchGrid(opening.length, (int) Math.round(Math.sqrt(imageTokens)));
  }

  /** An empty recorder for a selection of this model's layers and heads. */
  AttentionRecorder recorder(AttentionSelection selection) {
    return new AttentionRecorder(
        selection.layersOf(model.layerCount()), selection.headsOf(model.headCount()));
  }

  /** Where the square that the tower sees lies in an image. */
  PixelGeometry geometry(RgbImage image) {
    return preprocessor.geometry(image.width(), image.height());
  }

  LlamaModel model() {
    return model;
  }

  /** The context, for tapping its attention. */
  LlamaContext context() {
    return context;
  }

  VisionProjector projector() {
    return projector;
  }

  static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  @Override
  public void close() {
    batch.close();
    imageBatch.close();
    context.close();
    projector.close();
    model.close();
  }
}
