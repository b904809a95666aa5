package dev.vignette.decoding.search;

import dev.vignette.decoding.search.CaptionSearch.Continuation;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import dev.vignette.decoding.search.Ticket.TokenListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The loop of every {@link DecodingBatch}: lets waiting prompts join, decodes, steps the searches
 * and lets those that are done leave. A model adds its memory: room for a prompt, a decode, and
 * giving the room back.
 *
 * <p>Searches of a step run in parallel when their rows are worth it; each is alone with its state.
 *
 * @param <P> what a prompt is to the model
 * @param <S> the model's state of one prompt
 */
public abstract class DecodingDriver<P, S> implements DecodingBatch<P> {

  /**
   * Logits whose search takes about as long as handing it to another thread costs: eight rows of
   * LLaVA's vocabulary.
   */
  private static final long WORTH_SHARING = 8L * 32_000;

  private final Thread owner = Thread.currentThread();
  private final int vocabularySize;
  private final Deque<Member<P, S>> waiting = new ArrayDeque<>();
  private final List<Member<P, S>> live = new ArrayList<>();
  private long steps;
  private long rows;
  private boolean stepping;
  private boolean closed;

  /** For a model of so many tokens. */
  protected DecodingDriver(int vocabularySize) {
    this.vocabularySize = vocabularySize;
  }

  /** A prompt among the others. */
  public static final class Member<P, S> {

    private final P prompt;
    private final CaptionSearch search;
    private final TokenListener listener;
    private final Ticket ticket;
    private @Nullable S state;
    private Optional<Continuation> next = Optional.empty();
    private @Nullable LogitRows rows;
    private int told;

    Member(P prompt, CaptionSearch search, TokenListener listener) {
      this.prompt = prompt;
      this.search = search;
      this.listener = listener;
      this.ticket = new Ticket(search);
    }

    /** What it was submitted with. */
    public P prompt() {
      return prompt;
    }

    /** The model's state of it. */
    public S state() {
      return Objects.requireNonNull(state);
    }

    /** What its search wants read; empty as long as the prompt is not read. */
    public Optional<Continuation> next() {
      return next;
    }

    /** Whether it still takes part in this decode. */
    public boolean isLive() {
      return !ticket.isDone();
    }

    /** Hands it what the decode gave. */
    public void decoded(LogitRows logits) {
      rows = logits;
    }

    /** Takes it, and only it, out of the decode for a reason. */
    public void fail(RuntimeException cause) {
      ticket.fail(cause);
    }

    /** What took it out; null if nothing did. */
    public @Nullable RuntimeException failure() {
      return ticket.failure();
    }

    public void addEncode(double millis) {
      ticket.addEncode(millis);
    }

    public void addPrefix(double millis) {
      ticket.addPrefix(millis);
    }

    public void addPrefill(double millis) {
      ticket.addPrefill(millis);
    }

    public void addDecode(double millis) {
      ticket.addDecode(millis);
    }

    /** Steps the search; run beside others. */
    private void choose() {
      LogitRows logits = Objects.requireNonNull(rows);
      rows = null;
      try {
        next = search.step(logits);
        if (next.isEmpty()) {
          ticket.finish();
        }
      } catch (RuntimeException e) {
        ticket.fail(e);
      }
    }

    private void tell() {
      int[] tokens = search.settled(told);
      told += tokens.length;
      for (int token : tokens) {
        listener.settled(token);
      }
    }
  }

  /**
   * Refuses a prompt that would not fit even alone.
   *
   * @throws IllegalArgumentException with what it needs and what there is
   */
  protected abstract void check(P prompt, CaptionSearch search);

  /** Sets memory aside for a prompt until it is released; empty if there is none left now. */
  protected abstract Optional<S> admit(P prompt, CaptionSearch search);

  /**
   * Reads the prompt of each member that has no {@link Member#next} and the next tokens of the
   * others, and calls {@link Member#decoded} or {@link Member#fail} of each.
   */
  protected abstract void decode(List<Member<P, S>> members);

  /** Gives back what {@link #admit} set aside. */
  protected abstract void release(S state);

  /** Frees the model's side, after everything was released. */
  protected abstract void free();

  @Override
  public final Ticket submit(P prompt, CaptionSearch search, TokenListener listener) {
    requireOpen();
    check(prompt, search);
    Member<P, S> member = new Member<>(prompt, search, listener);
    waiting.add(member);
    return member.ticket;
  }

  @Override
  public final boolean step() {
    requireOpen();
    stepping = true;
    try {
      join();
      if (!live.isEmpty()) {
        decodeAll();
        choose();
        live.stream().filter(member -> member.ticket.failure() == null).forEach(this::tell);
      }
    } finally {
      stepping = false;
      leave();
    }
    return !live.isEmpty() || !waiting.isEmpty();
  }

  /** Steps until a prompt is done. */
  public final Hypothesis await(Ticket ticket) {
    boolean left = true;
    while (left && !ticket.isDone()) {
      left = step();
    }
    return ticket.hypothesis();
  }

  /** Steps until no prompt is left. */
  public final void finish() {
    boolean left = true;
    while (left) {
      left = step();
    }
  }

  private void join() {
    while (!waiting.isEmpty()) {
      Member<P, S> first = waiting.getFirst();
      Optional<S> state = admit(first.prompt, first.search);
      if (state.isEmpty()) {
        break;
      }
      first.state = state.get();
      live.add(waiting.removeFirst());
    }
    if (live.isEmpty() && !waiting.isEmpty()) {
      throw new IllegalStateException("an empty batch has no room for a prompt that fits it");
    }
  }

  /** What the decode throws is the failure of all that took part in it. */
  private void decodeAll() {
    try {
      decode(live);
    } catch (RuntimeException e) {
      live.stream().filter(Member::isLive).forEach(member -> member.fail(e));
    }
  }

  private void choose() {
    long began = System.nanoTime();
    List<Member<P, S>> decoded = live.stream().filter(Member::isLive).toList();
    long now = decoded.stream().mapToInt(m -> m.next.map(Continuation::width).orElse(1)).sum();
    steps += decoded.isEmpty() ? 0 : 1;
    rows += now;
    IntStream indices = IntStream.range(0, decoded.size());
    (now * vocabularySize > WORTH_SHARING ? indices.parallel() : indices)
        .forEach(i -> decoded.get(i).choose());
    double millis = (System.nanoTime() - began) / 1e6;
    decoded.forEach(member -> member.addDecode(millis / decoded.size()));
  }

  private void tell(Member<P, S> member) {
    try {
      member.tell();
    } catch (RuntimeException e) {
      member.fail(e);
    }
  }

  /** Lets go of what is done, whatever the reason. */
  private void leave() {
    for (Member<P, S> member : live) {
      if (!member.isLive()) {
        release(member.state());
      }
    }
    live.removeIf(member -> !member.isLive());
    waiting.removeIf(member -> !member.isLive());
  }

  @Override
  public final void cancel(Ticket ticket) {
    requireOwner();
    if (!ticket.isDone()) {
      ticket.cancel();
      if (!stepping) {
        leave();
      }
    }
  }

  /** Decodes so far that gave logits. */
  public final long steps() {
    return steps;
  }

  /** Rows of logits that they gave, over all prompts and hypotheses. */
  public final long rows() {
    return rows;
  }

  /** Prompts that are decoding or waiting. */
  public final int size() {
    return live.size() + waiting.size();
  }

  private void requireOpen() {
    requireOwner();
    if (closed) {
      throw new IllegalStateException("this batch is closed; use it before close()");
    }
    if (stepping) {
      throw new IllegalStateException(
          "this batch is decoding; submit and step between steps, not from a listener");
    }
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "this batch belongs to thread '%s' and was used by '%s'; open one for each thread"
              .formatted(owner.getName(), Thread.currentThread().getName()));
    }
  }

  @Override
  public final void close() {
    requireOwner();
    if (!closed) {
      closed = true;
      live.forEach(member -> member.ticket.cancel());
      waiting.forEach(member -> member.ticket.cancel());
      leave();
      free();
    }
  }
}
