package dev.vignette.llava;

import dev.vignette.decoding.CaptionSearch;
import dev.vignette.decoding.DecodingDriver;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.LogitRows;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.ContextOptions;
import dev.vignette.llama.DecodedLogits;
import dev.vignette.llama.EmbeddingBatch;
import dev.vignette.llama.ImageEmbedding;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.TokenBatch;
import dev.vignette.llama.VisionProjector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /** The sequence that keeps the opening where cells are shared. */
  private static final int OPENING = 0;

  private final LlavaModel model;
  private final SequenceMemory memory;
  private final BatchShape shape;
  private final int sequences;
  private final int room;
  private final VisionProjector projector;
  private final LlamaContext context;
  private final TokenBatch tokens;
  private final EmbeddingBatch images;
  private final SequencePool pool;
  private final BitSet opened = new BitSet();
  private final String name;
  private @Nullable HeldImage held;
  private @Nullable DecodedLogits lastLogits;

  /** The sequences of a prompt, and how far it is. */
  static final class Slot {
    private final int[] ids;
    private final int cells;
    private final int[] instruction;
    private int[] hypotheses;
    private int position;
    private int read;

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

  /** An image that stays in a sequence of its own for prompts to come. */
  private record HeldImage(RgbImage image, int sequence) {
    /** Whether it is this very object: pixels are not compared. */
    @SuppressWarnings("ReferenceEquality")
    boolean is(RgbImage other) {
      return image == other;
    }
  }

  /** The logits of one prompt's hypotheses, from the first row on. */
  private record Rows(String model, DecodedLogits logits, int first) implements LogitRows {
    @Override
    public void read(int hypothesis, float[] destination) {
      logits.copy(first + hypothesis, destination);
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
    LlavaOptions options = model.options();
    this.model = model;
    this.shape = shape;
    this.memory = memory;
    this.room = room;
    this.name = "the model '%s'".formatted(options.model().getFileName());
    boolean shared = memory == SequenceMemory.SHARED;
    int kept = (shared ? 1 : 0) + (holding ? 1 : 0);
    int hypotheses = shape.prompts() * shape.beams();
    this.sequences = kept + hypotheses;
    if (sequences > ContextOptions.MAX_SEQUENCES) {
      throw new IllegalArgumentException(
          "llama.cpp holds %d hypotheses at once, but %d prompts of %d beams were asked for; use smaller batches or fewer beams"
              .formatted(ContextOptions.MAX_SEQUENCES - kept, shape.prompts(), shape.beams()));
    }
    int together = Math.min(shape.prompts(), options.layout().prefillImages());
    int rows =
        Math.min(
            contextLength,
            Math.max(Math.max(LEAST_ROWS, hypotheses), together * model.imageTokens()));
    this.projector = model.openProjector();
    try {
      this.context =
          new LlamaContext(
              model.weights(),
              new ContextOptions(
                  contextLength,
                  rows,
                  Math.min(rows, options.layout().microBatchRows()),
                  sequences,
                  shared,
                  options.threads(),
                  options.flashAttention(),
                  options.observable()));
    } catch (RuntimeException e) {
      projector.close();
      throw e;
    }
    this.tokens = new TokenBatch(rows);
    this.images = new EmbeddingBatch(Math.max(rows, model.imageTokens()));
    long cells = shared ? (long) contextLength - model.opening().length : Long.MAX_VALUE;
    this.pool = new SequencePool(kept, hypotheses, cells);
  }

  /** One prompt at a time, with a sequence that holds an image for many instructions. */
  static LlavaBatch ofOne(LlavaModel model, int contextLength) {
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
      readImages(newcomers);
    }
    List<Member<LlavaPrompt, Slot>> present =
        members.stream()
            .filter(Member::isLive)
            .sorted(Comparator.comparingInt(member -> member.state().first()))
            .toList();
    if (!present.isEmpty()) {
      readTokens(present);
    }
  }

  /** Brings each newcomer's image into its sequence: that of equal images once. */
  private void readImages(List<Member<LlavaPrompt, Slot>> newcomers) {
    IdentityHashMap<RgbImage, Member<LlavaPrompt, Slot>> leaders = new IdentityHashMap<>();
    List<Member<LlavaPrompt, Slot>> reading = new ArrayList<>();
    for (Member<LlavaPrompt, Slot> member : newcomers) {
      if (held != null && held.is(member.prompt().image())) {
        context.copySequence(held.sequence, member.state().first());
      } else if (leaders.putIfAbsent(member.prompt().image(), member) == null) {
        reading.add(member);
      }
    }
    open(reading.stream().mapToInt(member -> member.state().first()).toArray());
    int together = images.capacity() / model.imageTokens();
    for (int from = 0; from < reading.size(); from += together) {
      readTogether(reading.subList(from, Math.min(reading.size(), from + together)));
    }
    for (Member<LlavaPrompt, Slot> member : newcomers) {
      Member<LlavaPrompt, Slot> leader = leaders.get(member.prompt().image());
      if (leader != null && leader != member) {
        follow(member, leader);
      }
    }
  }

  /** Shares what a leader has read, or its failure. */
  private void follow(Member<LlavaPrompt, Slot> member, Member<LlavaPrompt, Slot> leader) {
    if (leader.isLive()) {
      context.copySequence(leader.state().first(), member.state().first());
      opened.set(member.state().first());
    } else {
      member.fail(Objects.requireNonNull(leader.failure()));
    }
  }

  /** Leaves the opening, and nothing else, in each of these sequences. */
  private void open(int... ids) {
    if (memory == SequenceMemory.SHARED) {
      readOpening(OPENING);
      for (int id : ids) {
        context.copySequence(OPENING, id);
      }
    } else {
      readOpening(ids);
    }
  }

  private void readOpening(int... ids) {
    int[] opening = model.opening();
    tokens.clear();
    for (int id : ids) {
      if (!opened.get(id)) {
        if (tokens.size() + opening.length > tokens.capacity()) {
          context.decode(tokens);
          tokens.clear();
        }
        tokens.addAll(opening, 0, id, false);
        opened.set(id);
      }
    }
    if (tokens.size() > 0) {
      context.decode(tokens);
    }
  }

  /** Encodes images and reads them by one decode; the one that cannot be encoded stays out. */
  private void readTogether(List<Member<LlavaPrompt, Slot>> members) {
    List<Member<LlavaPrompt, Slot>> encoded = encodeTogether(members);
    long began = System.nanoTime();
    if (!encoded.isEmpty()) {
      context.decode(images);
    }
    double millis = millisSince(began) / Math.max(1, encoded.size());
    encoded.forEach(member -> member.addPrefix(millis));
  }

  /** Fills the batch with the images' rows; returns the prompts whose images are in it. */
  private List<Member<LlavaPrompt, Slot>> encodeTogether(List<Member<LlavaPrompt, Slot>> members) {
    long began = System.nanoTime();
    List<byte[]> pixels = members.stream().map(member -> member.prompt().image().rgb()).toList();
    int[] sequences = members.stream().mapToInt(member -> member.state().first()).toArray();
    try {
      images.set(projector.encode(pixels), model.opening().length, sequences);
      double millis = millisSince(began) / members.size();
      members.forEach(member -> member.addEncode(millis));
      return members;
    } catch (RuntimeException e) {
      if (members.size() == 1) {
        members.getFirst().fail(e);
        return List.of();
      }
      return encodeOneByOne(members);
    }
  }

  private List<Member<LlavaPrompt, Slot>> encodeOneByOne(List<Member<LlavaPrompt, Slot>> members) {
    images.clear();
    List<Member<LlavaPrompt, Slot>> encoded = new ArrayList<>(members.size());
    for (Member<LlavaPrompt, Slot> member : members) {
      long began = System.nanoTime();
      try {
        ImageEmbedding embedding = projector.encode(member.prompt().image().rgb());
        images.add(embedding, model.opening().length, member.state().first());
        encoded.add(member);
      } catch (RuntimeException e) {
        member.fail(e);
      }
      member.addEncode(millisSince(began));
    }
    return encoded;
  }

  /** Reads the newcomers' instructions and the others' next tokens, and hands out the logits. */
  private void readTokens(List<Member<LlavaPrompt, Slot>> members) {
    long began = System.nanoTime();
    readAhead(members);
    tokens.clear();
    int[] rows = new int[members.stream().mapToInt(this::outputs).sum()];
    int[] read = new int[members.size()];
    int output = 0;
    for (int i = 0; i < members.size(); i++) {
      int before = tokens.size();
      fillGap(i == 0 ? -1 : members.get(i - 1).state().first(), members.get(i).state().first());
      int[] own = addRows(members.get(i));
      System.arraycopy(own, 0, rows, output, own.length);
      output += own.length;
      read[i] = tokens.size() - before;
    }
    context.decode(tokens);
    lastLogits = context.logits(rows);
    forgetGaps(members);
    double millis = millisSince(began) / tokens.size();
    int first = 0;
    for (int i = 0; i < members.size(); i++) {
      Member<LlavaPrompt, Slot> member = members.get(i);
      if (member.next().isEmpty()) {
        member.addPrefill(millis * read[i]);
      } else {
        member.addDecode(millis * read[i]);
      }
      member.decoded(new Rows(name, lastLogits, first));
      first += outputs(member);
    }
  }

  private int outputs(Member<LlavaPrompt, Slot> member) {
    return member.next().map(next -> next.width()).orElse(1);
  }

  /** Reads the instructions but for their last tokens if they do not fit beside all the rest. */
  private void readAhead(List<Member<LlavaPrompt, Slot>> members) {
    int rows = sequences;
    for (Member<LlavaPrompt, Slot> member : members) {
      rows += member.next().isEmpty() ? member.state().instruction.length : outputs(member);
    }
    if (rows <= tokens.capacity()) {
      return;
    }
    tokens.clear();
    for (Member<LlavaPrompt, Slot> member : members) {
      Slot slot = member.state();
      while (member.next().isEmpty() && slot.read < slot.instruction.length - 1) {
        if (tokens.size() == tokens.capacity()) {
          context.decode(tokens);
          tokens.clear();
        }
        tokens.add(slot.instruction[slot.read++], slot.position++, slot.first(), false);
      }
    }
    if (tokens.size() > 0) {
      context.decode(tokens);
    }
  }

  /** Adds what a prompt reads next and returns the rows whose logits it wants. */
  private int[] addRows(Member<LlavaPrompt, Slot> member) {
    Slot slot = member.state();
    if (member.next().isEmpty()) {
      int[] rest = Arrays.copyOfRange(slot.instruction, slot.read, slot.instruction.length);
      int last = tokens.addAll(rest, slot.position, slot.first(), true);
      slot.position += rest.length;
      slot.read = slot.instruction.length;
      return new int[] {last};
    }
    var next = member.next().get();
    if (!next.keepsOrder(slot.hypotheses.length)) {
      branch(slot, next.parents());
    }
    int[] rows = new int[next.width()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = tokens.add(next.tokens()[i], slot.position, slot.hypotheses[i], true);
    }
    slot.position++;
    return rows;
  }

  /**
   * Lets the first child of a hypothesis go on in its sequence, and copies the sequence for the
   * others over those that have no child; memory is shared, not doubled.
   */
  private void branch(Slot slot, int[] parents) {
    int[] next = new int[parents.length];
    BitSet unused = new BitSet();
    Arrays.stream(slot.ids).forEach(unused::set);
    BitSet continued = new BitSet();
    for (int i = 0; i < parents.length; i++) {
      next[i] = continued.get(parents[i]) ? -1 : slot.hypotheses[parents[i]];
      continued.set(parents[i]);
      unused.clear(slot.hypotheses[parents[i]]);
    }
    for (int i = 0; i < parents.length; i++) {
      if (next[i] < 0) {
        next[i] = unused.nextSetBit(0);
        unused.clear(next[i]);
        context.copySequence(slot.hypotheses[parents[i]], next[i]);
      }
    }
    for (int hypothesis : slot.hypotheses) {
      if (unused.get(hypothesis)) {
        context.removeSequence(hypothesis, 0, -1);
      }
    }
    slot.hypotheses = next;
  }

  /**
   * A micro-batch of streams takes consecutive sequences only; so those between two in use read a
   * token that is forgotten at once.
   */
  private void fillGap(int before, int sequence) {
    for (int id = before + 1; before >= 0 && id < sequence; id++) {
      if (memory == SequenceMemory.STREAMS && pool.isFree(id) && opened.get(id)) {
        tokens.add(model.opening()[0], model.opening().length, id, false);
      }
    }
  }

  private void forgetGaps(List<Member<LlavaPrompt, Slot>> members) {
    int last = members.getLast().state().first();
    for (int id = members.getFirst().state().first(); id < last; id++) {
      if (memory == SequenceMemory.STREAMS && pool.isFree(id) && opened.get(id)) {
        context.removeSequence(id, model.opening().length, -1);
      }
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
    if (held != null && held.is(image)) {
      return new StageMillis(0, 0, 0);
    }
    int needed = model.opening().length + model.imageTokens();
    if (needed > room) {
      throw new PromptTooLongException(
          "the image takes %d tokens, but the context holds %d; use a larger --context"
              .formatted(needed, room));
    }
    int sequence = OPENING + 1;
    held = null;
    long began = System.nanoTime();
    ImageEmbedding embedding = projector.encode(image.rgb());
    double encode = millisSince(began);
    began = System.nanoTime();
    open(sequence);
    images.set(embedding, model.opening().length, sequence);
    context.decode(images);
    held = new HeldImage(image, sequence);
    return new StageMillis(encode, millisSince(began), 0);
  }

  /** The logits of the last decode, a row a hypothesis. */
  DecodedLogits lastLogits() {
    return Objects.requireNonNull(lastLogits);
  }

  /** The context, for tapping its attention. */
  LlamaContext context() {
    return context;
  }

  VisionProjector projector() {
    return projector;
  }

  private static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  @Override
  protected void free() {
    tokens.close();
    images.close();
    context.close();
    projector.close();
  }
}
