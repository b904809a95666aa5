package dev.vignette.llava;

import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import dev.vignette.decoding.search.DecodingDriver.Member;
import dev.vignette.llama.Batch.TokenBatch;
import dev.vignette.llama.LlamaContext;
import dev.vignette.llama.LlamaContext.DecodedLogits;
import dev.vignette.llava.LlavaBatch.SequencePool;
import dev.vignette.llava.LlavaBatch.Slot;
import dev.vignette.llava.LlavaOptions.BatchLayout.SequenceMemory;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What follows the images of a batch's prompts: by one decode the instructions of those who join
 * and the next tokens of all others, whose logits it hands out.
 */
final class TokenReader {

  private final LlavaModel model;
  private final SequenceMemory memory;
  private final LlamaContext context;
  private final TokenBatch tokens;
  private final ImageReader images;
  private final SequencePool pool;
  private final int sequences;
  private final String name;
  private @Nullable DecodedLogits lastLogits;

  /** The logits of one prompt's hypotheses, from the first row on. */
  private record Rows(String model, DecodedLogits logits, int first) implements LogitRows {
    @Override
    public void read(int hypothesis, float[] destination) {
      logits.copy(first + hypothesis, destination);
    }
  }

  /**
   * @param tokens lent for the decodes
   * @param images says which sequences are opened
   * @param sequences that the context has
   */
  TokenReader(
      LlavaModel model,
      SequenceMemory memory,
      LlamaContext context,
      TokenBatch tokens,
      ImageReader images,
      SequencePool pool,
      int sequences) {
    this.model = model;
    this.memory = memory;
    this.context = context;
    this.tokens = tokens;
    this.images = images;
    this.pool = pool;
    this.sequences = sequences;
    this.name = "the model '%s'".formatted(model.options().model().getFileName());
  }

  /** The logits of the last decode, a row a hypothesis. */
  DecodedLogits lastLogits() {
    return Objects.requireNonNull(lastLogits);
  }

  /** Reads the newcomers' instructions and the others' next tokens, and hands out the logits. */
  void read(List<Member<LlavaPrompt, Slot>> members) {
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
    try {
      context.decode(tokens);
    } finally {
      forgetGaps(members);
    }
    lastLogits = context.logits(rows);
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
      if (memory == SequenceMemory.STREAMS && pool.isFree(id) && images.isOpened(id)) {
        tokens.add(model.opening()[0], model.opening().length, id, false);
      }
    }
  }

  private void forgetGaps(List<Member<LlavaPrompt, Slot>> members) {
    int last = members.getLast().state().first();
    for (int id = members.getFirst().state().first(); id < last; id++) {
      if (memory == SequenceMemory.STREAMS && pool.isFree(id) && images.isOpened(id)) {
        context.removeSequence(id, model.opening().length, -1);
      }
    }
  }

  private static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }
}
