package dev.vignette.llava;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.CaptionSearch;
import dev.vignette.decoding.search.DecodingDriver;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.Batch.TokenBatch;
import dev.vignette.llama.ContextOptions;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.LlamaContext.DecodedLogits;
import dev.vignette.llama.VisionProjector;
import dev.vignette.llava.Caption.StageMillis;
import dev.vignette.llava.LlavaOptions.BatchLayout.SequenceMemory;
import dev.vignette.llava.LlavaPrompt.PromptTooLongException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Many LLaVA prompts in the sequences of one llama.cpp context. A prompt joins by its image, whose
 * embeddings are read several images at a time, and by its instruction, which is read in the same
 * decode as the others' next tokens. The opening text stays in memory for all who follow.
 */
public final class LlavaBatch extends DecodingDriver<LlavaPrompt, LlavaBatch.Slot> {

  /** The most hypotheses of all prompts together that llama.cpp has sequences for. */
  static final int MAX_HYPOTHESES = ContextOptions.MAX_SEQUENCES - 1;

  /** Rows of a decode on which small models lose nothing. */
  private static final int LEAST_ROWS = 512;

  private final LlavaModel model;
  private final SequenceMemory memory;
  private final BatchShape shape;
  private final int room;
  private final LlamaContext context;
  private final TokenBatch tokens;
  private final ImageReader images;
  private final TokenReader reader;
  private final SequencePool pool;

  /** The sequences of a prompt, and how far it is. */
  static final class Slot {
    final int[] ids;
    final int[] instruction;
    int[] hypotheses;
    int position;
    int read;
    private final int cells;

    Slot(int[] ids, int cells, int[] instruction, int position) {
      this.ids = ids;
      this.cells = cells;
      this.instruction = instruction;
      this.hypotheses = new int[] {ids[0]};
      this.position = position;
    }

    /** The sequence of the prompt, as long as it has one hypothesis. */
    int first() {
      return ids[0];
    }
  }

  /**
   * @param room cells that one prompt alone may fill, the opening's included
   * @param contextLength cells of all sequences
   * @param holding whether a sequence is kept for {@link #hold}
   */
  private LlavaBatch(
      LlavaModel model,
      BatchShape shape,
      SequenceMemory memory,
      int room,
      int contextLength,
      boolean holding) {
    super(model.vocabulary().size());
    this.model = model;
    this.shape = shape;
    this.memory = memory;
    this.room = room;
    boolean shared = memory == SequenceMemory.SHARED;
    int kept = (shared ? 1 : 0) + (holding ? 1 : 0);
    int hypotheses = shape.prompts() * shape.beams();
    if (kept + hypotheses > ContextOptions.MAX_SEQUENCES) {
      throw new IllegalArgumentException(
          "llama.cpp holds %d hypotheses at once, but %d prompts of %d beams were asked for; use smaller batches or fewer beams"
              .formatted(ContextOptions.MAX_SEQUENCES - kept, shape.prompts(), shape.beams()));
    }
    long cells = shared ? (long) contextLength - model.opening().length : Long.MAX_VALUE;
    this.pool = new SequencePool(kept, hypotheses, cells);
    int rows = rows(model, shape, kept + hypotheses, contextLength);
    Deque<Runnable> opened = new ArrayDeque<>();
    try {
      VisionProjector projector = model.openProjector();
      opened.push(projector::close);
      this.context = openContext(model, contextLength, rows, kept + hypotheses, shared);
      opened.push(context::close);
      this.tokens = new TokenBatch(rows);
      opened.push(tokens::close);
      this.images = new ImageReader(model, memory, context, tokens, rows, projector);
      opened.removeLast(); // The projector is closed with the images.
      opened.push(images::close);
      images.reserve(shape.prompts());
    } catch (Throwable e) {
      opened.forEach(Runnable::run);
      throw e;
    }
    this.reader = new TokenReader(model, memory, context, tokens, images, pool, kept + hypotheses);
  }

  /** Rows of a decode: those of the images that are read together, and of a step of all. */
  private static int rows(LlavaModel model, BatchShape shape, int sequences, int contextLength) {
    int together = Math.min(shape.prompts(), model.options().layout().prefillImages());
    int step = Math.max(LEAST_ROWS, sequences);
    return Math.min(contextLength, Math.max(step, together * model.imageTokens()));
  }

  private static LlamaContext openContext(
      LlavaModel model, int length, int rows, int sequences, boolean shared) {
    LlavaOptions options = model.options();
    return new LlamaContext(
        model.weights(),
        new ContextOptions(
            length,
            rows,
            Math.min(rows, options.layout().microBatchRows()),
            sequences,
            shared,
            options.threads(),
            options.flashAttention(),
            options.observable()));
  }

  /** One prompt at a time, with a sequence that holds an image for many instructions. */
  static LlavaBatch ofOne(LlavaModel model, int contextLength) {
    requireRoomForImage(model, contextLength);
    BatchShape shape = new BatchShape(1, 0, 1, model.options().maxBeams());
    return new LlavaBatch(model, shape, SequenceMemory.SHARED, contextLength, contextLength, true);
  }

  /** Many prompts, in a context just as large as they need. */
  static LlavaBatch ofMany(LlavaModel model, BatchShape shape) {
    SequenceMemory memory = model.options().layout().memoryFor(shape.beams());
    if (memory == SequenceMemory.STREAMS && shape.beams() > 1) {
      throw new IllegalArgumentException(
          "beams share the cells of their prompt, which streams do not; use SequenceMemory.SHARED");
    }
    int opening = model.opening().length;
    int own = model.imageTokens() + shape.ownTokens();
    boolean shared = memory == SequenceMemory.SHARED;
    int all =
        Math.toIntExact(
            shared
                ? opening + (long) shape.prompts() * own
                : (long) shape.prompts() * (opening + own));
    requireTrained(
        model, opening + model.imageTokens() + shape.instructionTokens(), shape.newTokens());
    return new LlavaBatch(model, shape, memory, shared ? all : opening + own, all, false);
  }

  @Override
  public int capacity(GenerationConfig config) {
    int prompt = model.imageTokens() + shape.instructionTokens();
    int own = prompt + config.numBeams() * config.maxNewTokens();
    if (config.numBeams() > shape.beams() || model.opening().length + own > room) {
      return 0;
    }
    return memory == SequenceMemory.STREAMS
        ? shape.prompts()
        : Math.min(
            shape.prompts() * shape.beams() / config.numBeams(),
            (room - model.opening().length) / own);
  }

  @Override
  protected void check(LlavaPrompt prompt, CaptionSearch search) {
    if (search.width() > shape.beams()) {
      throw new IllegalArgumentException(
          "this captioner was opened for at most %d beams, not %d; open it with more"
              .formatted(shape.beams(), search.width()));
    }
    int needed = prompt.length() + search.width() * search.maxNewTokens();
    if (needed > room) {
      throw new PromptTooLongException(
          "prompt and caption take %d tokens, but the context holds %d; use a larger --context, a shorter instruction, fewer beams or fewer --max-new-tokens"
              .formatted(needed, room));
    }
    requireTrained(model, prompt.length(), search.maxNewTokens());
  }

  private static void requireTrained(LlavaModel model, int promptLength, int newTokens) {
    int trained = model.weights().trainingContextLength();
    if (promptLength + newTokens > trained) {
      throw new PromptTooLongException(
          "the prompt takes %d tokens and the caption up to %d, but the model was trained on %d; shorten the instruction or use fewer --max-new-tokens"
              .formatted(promptLength, newTokens, trained));
    }
  }

  @Override
  protected Optional<Slot> admit(LlavaPrompt prompt, CaptionSearch search) {
    int cells = prompt.length() - model.opening().length + search.width() * search.maxNewTokens();
    int imageEnd = model.opening().length + model.imageTokens();
    return pool.take(search.width(), cells)
        .map(ids -> new Slot(ids, cells, prompt.instruction(), imageEnd));
  }

  @Override
  protected void decode(List<Member<LlavaPrompt, Slot>> members) {
    List<Member<LlavaPrompt, Slot>> newcomers =
        members.stream().filter(member -> member.next().isEmpty()).toList();
    if (!newcomers.isEmpty()) {
      images.read(newcomers);
    }
    List<Member<LlavaPrompt, Slot>> present =
        members.stream()
            .filter(Member::isLive)
            .sorted(Comparator.comparingInt(member -> member.state().first()))
            .toList();
    if (!present.isEmpty()) {
      reader.read(present);
    }
  }

  @Override
  protected void release(Slot slot) {
    for (int id : slot.ids) {
      if (memory == SequenceMemory.STREAMS) {
        context.removeSequence(id, model.opening().length, -1);
      } else {
        context.removeSequence(id, 0, -1);
      }
    }
    pool.giveBack(slot.ids, slot.cells);
  }

  /**
   * Encodes and reads an image, and keeps it for the prompts about it until the next is held.
   *
   * @return what that took; nothing if it is held already
   */
  StageMillis hold(RgbImage image) {
    requireRoomForImage(model, room);
    return images.hold(image);
  }

  private static void requireRoomForImage(LlavaModel model, int room) {
    int needed = model.opening().length + model.imageTokens();
    if (needed > room) {
      throw new PromptTooLongException(
          "the image takes %d tokens, but the context holds %d; use a larger --context"
              .formatted(needed, room));
    }
  }

  /** The logits of the last decode, a row a hypothesis. */
  DecodedLogits lastLogits() {
    return reader.lastLogits();
  }

  /** The context, for tapping its attention. */
  LlamaContext context() {
    return context;
  }

  VisionProjector projector() {
    return images.projector();
  }

  @Override
  protected void free() {
    images.close();
    tokens.close();
    context.close();
  }

  /**
   * What a batch has room for: so many prompts at once, each within these sizes.
   *
   * @param prompts beside each other, 1 or more
   * @param instructionTokens tokens after the image
   * @param newTokens generated tokens, 1 or more
   * @param beams hypotheses of a prompt, 1 to 64
   */
  record BatchShape(int prompts, int instructionTokens, int newTokens, int beams) {

    public BatchShape {
      if (prompts < 1 || instructionTokens < 0 || newTokens < 1 || beams < 1) {
        throw new IllegalArgumentException(
            "a batch has 1 prompt, new token and beam or more, not %d, %d and %d"
                .formatted(prompts, newTokens, beams));
      }
    }

    /** Cells that a prompt fills beside those of the opening and its image. */
    int ownTokens() {
      return instructionTokens + newTokens * beams;
    }
  }

  /**
   * Sequence ids and cells of a context that prompts take and give back. The lowest ids go first,
   * so that those in use stay close together.
   */
  static final class SequencePool {

    private final BitSet free = new BitSet();
    private long cells;

    /**
     * @param first the first id there is
     * @param count of ids
     * @param cells that all together may fill
     */
    SequencePool(int first, int count, long cells) {
      free.set(first, first + count);
      this.cells = cells;
    }

    /** Takes ids and cells; empty, with nothing taken, if there are not so many. */
    Optional<int[]> take(int ids, int wantedCells) {
      if (free.cardinality() < ids || cells < wantedCells) {
        return Optional.empty();
      }
      int[] taken = free.stream().limit(ids).toArray();
      for (int id : taken) {
        free.clear(id);
      }
      cells -= wantedCells;
      return Optional.of(taken);
    }

    void giveBack(int[] ids, int returnedCells) {
      for (int id : ids) {
        free.set(id);
      }
      cells += returnedCells;
    }

    boolean isFree(int id) {
      return free.get(id);
    }
  }
}
