package dev.vignette.llava;

import dev.vignette.decoding.search.DecodingDriver.Member;
import dev.vignette.images.RgbImage;
import dev.vignette.llama.Batch.EmbeddingBatch;
import dev.vignette.llama.Batch.TokenBatch;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.VisionProjector;
import dev.vignette.llama.VisionProjector.ImageEmbedding;
import dev.vignette.llava.Caption.StageMillis;
import dev.vignette.llava.LlavaBatch.Slot;
import dev.vignette.llava.LlavaOptions.BatchLayout.SequenceMemory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the instruction of each prompt of a batch: the opening text, which stays in
 * memory for all who follow, and the image, encoded and read several at a time.
 */
final class ImageReader implements AutoCloseable {

  /** The sequence that keeps the opening where cells are shared. */
  private static final int OPENING = 0;

  private final LlavaModel model;
  private final SequenceMemory memory;
  private final LlamaContext context;
  private final TokenBatch tokens;
  private final EmbeddingBatch images;
  private final VisionProjector projector;
  private final BitSet opened = new BitSet();
  private @Nullable HeldImage held;

  /** An image that stays in a sequence of its own for prompts to come. */
  private record HeldImage(RgbImage image, int sequence) {
    /** Whether it is this very object: pixels are not compared. */
    @SuppressWarnings("ReferenceEquality")
    boolean is(RgbImage other) {
      return image == other;
    }
  }

  /**
   * @param tokens lent for the opening
   * @param rows of embeddings read by one decode, those of one image or more
   * @param projector closed with this
   */
  ImageReader(
      LlavaModel model,
      SequenceMemory memory,
      LlamaContext context,
      TokenBatch tokens,
      int rows,
      VisionProjector projector) {
    this.model = model;
    this.memory = memory;
    this.context = context;
    this.tokens = tokens;
    this.images = new EmbeddingBatch(Math.max(rows, model.imageTokens()));
    this.projector = projector;
  }

  /**
   * On a GPU encodes and reads as many blank images as are ever read together, and a token behind
   * each. What it lacks memory for ends here, before any work; what a card does at its first
   * computation is done; and the tower's graph never grows later, which aborted the process once on
   * an H200, when batches of 4 images were followed by batches of 8.
   *
   * @param prompts that the context has room for
   */
  void reserve(int prompts) {
    int together = Math.min(prompts, images.capacity() / model.imageTokens());
    if (together > 1 && model.isOnGpu()) {
      int side = projector.imageSize();
      List<ImageEmbedding> blank =
          projector.encode(Collections.nCopies(together, new byte[3 * side * side]));
      images.set(blank, 0, IntStream.range(0, together).toArray());
      context.decode(images);
      tokens.clear();
      for (int sequence = 0; sequence < together; sequence++) {
        tokens.add(model.opening()[0], model.imageTokens(), sequence, true);
      }
      context.decode(tokens);
      context.clearMemory();
    }
  }

  /** Whether a sequence holds the opening. */
  boolean isOpened(int sequence) {
    return opened.get(sequence);
  }

  VisionProjector projector() {
    return projector;
  }

  /** Brings each newcomer's image into its sequence: that of equal images once. */
  void read(List<Member<LlavaPrompt, Slot>> newcomers) {
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

  /** Reads the opening into those of the sequences that lack it. */
  private void readOpening(int... ids) {
    int[] opening = model.opening();
    BitSet added = new BitSet();
    tokens.clear();
    for (int id : ids) {
      if (!opened.get(id) && !added.get(id)) {
        if (tokens.size() + opening.length > tokens.capacity()) {
          decodeOpenings(added);
        }
        context.removeSequence(id, 0, -1); // what a decode that failed may have left
        tokens.addAll(opening, 0, id, false);
        added.set(id);
      }
    }
    if (tokens.size() > 0) {
      decodeOpenings(added);
    }
  }

  /** Decodes what is in the batch; only then the sequences count as opened. */
  private void decodeOpenings(BitSet added) {
    context.decode(tokens);
    tokens.clear();
    opened.or(added);
    added.clear();
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

  /**
   * Encodes and reads an image, and keeps it for the prompts about it until the next is held.
   *
   * @return what that took; nothing if it is held already
   */
  StageMillis hold(RgbImage image) {
    if (held != null && held.is(image)) {
      return new StageMillis(0, 0, 0);
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

  private static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  @Override
  public void close() {
    images.close();
    projector.close();
  }
}
