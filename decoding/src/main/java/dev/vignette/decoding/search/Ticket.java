package dev.vignette.decoding.search;

import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import org.jspecify.annotations.Nullable;

/**
 * A prompt handed to a {@link DecodingBatch}: whether it is done, what was found, and the time it
 * took. Time spent on several prompts at once is shared among them, that of a decode by their rows,
 * so that the sum over all tickets is the time that passed.
 */
public final class Ticket {

  private final CaptionSearch search;
  private @Nullable RuntimeException failure;
  private boolean done;
  private boolean cancelled;
  private double encodeMillis;
  private double prefixMillis;
  private double prefillMillis;
  private double decodeMillis;

  Ticket(CaptionSearch search) {
    this.search = search;
  }

  /** Whether it has left the batch: found, failed or cancelled. */
  public boolean isDone() {
    return done;
  }

  /** Whether it left without an answer because it was cancelled. */
  public boolean isCancelled() {
    return cancelled;
  }

  /**
   * What its search found.
   *
   * @throws RuntimeException what kept this prompt from being answered, if something did
   * @throws IllegalStateException if it is not done, or was cancelled
   */
  public Hypothesis hypothesis() {
    if (failure != null) {
      throw failure;
    }
    if (!done || cancelled) {
      throw new IllegalStateException(
          cancelled
              ? "this prompt was cancelled and has no hypothesis"
              : "this prompt is not done; step its batch until it is");
    }
    return search.best();
  }

  /** What kept it from being answered; null if nothing did. */
  public @Nullable RuntimeException failure() {
    return failure;
  }

  /** Milliseconds of encoding its image; 0 if another prompt about it came first. */
  public double encodeMillis() {
    return encodeMillis;
  }

  /** Milliseconds of reading its image; 0 if another prompt about it came first. */
  public double prefixMillis() {
    return prefixMillis;
  }

  /** Milliseconds of reading the rest of the prompt. */
  public double prefillMillis() {
    return prefillMillis;
  }

  /** Milliseconds of generating, the search's included. */
  public double decodeMillis() {
    return decodeMillis;
  }

  void finish() {
    done = true;
  }

  void fail(RuntimeException cause) {
    failure = cause;
    done = true;
  }

  void cancel() {
    cancelled = true;
    done = true;
  }

  void addEncode(double millis) {
    encodeMillis += millis;
  }

  void addPrefix(double millis) {
    prefixMillis += millis;
  }

  void addPrefill(double millis) {
    prefillMillis += millis;
  }

  void addDecode(double millis) {
    decodeMillis += millis;
  }

  /** Hears the tokens of one text as they become certain. */
  @FunctionalInterface
  public interface TokenListener {

    /** Hears nothing. */
    TokenListener NONE = _ -> {};

    /**
     * Hears the next token of the text, between two decodes; with beams, all of them at the end.
     */
    void settled(int token);
  }
}
