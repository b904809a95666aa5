package dev.vignette.decoding;

/** Hears the tokens of one text as they become certain. */
@FunctionalInterface
public interface TokenListener {

  /** Hears nothing. */
  TokenListener NONE = _ -> {};

  /** Hears the next token of the text, between two decodes; with beams, all of them at the end. */
  void settled(int token);
}
