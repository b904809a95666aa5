package dev.vignette.decoding.search;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.search.Ticket.TokenListener;

/**
 * Many prompts in one decode: they join, advance together and leave; the model's state is behind
 * it. Prompts join while others decode, so that a long text holds up nobody.
 *
 * <p>Confined to one thread, listeners included. A prompt that cannot be answered fails alone, on
 * its ticket.
 *
 * @param <P> what a prompt is to the model
 */
public interface DecodingBatch<P> extends AutoCloseable {

  /**
   * How many prompts with such a search fit beside each other, 0 or more; more may be submitted and
   * wait.
   */
  int capacity(GenerationConfig config);

  /**
   * Hands in a prompt; it joins at the next step that has room, in the order of submission.
   *
   * @param search that has not stepped yet
   * @param listener hears the tokens of the text
   * @throws IllegalArgumentException if the prompt could not be read even alone
   */
  Ticket submit(P prompt, CaptionSearch search, TokenListener listener);

  /**
   * Takes one decode for all.
   *
   * @return false when no prompt is left, neither decoding nor waiting
   */
  boolean step();

  /** Takes a prompt out, decoding or waiting, and gives its memory back; a second time nothing. */
  void cancel(Ticket ticket);

  /** Cancels what is left and frees the memory. */
  @Override
  void close();
}
