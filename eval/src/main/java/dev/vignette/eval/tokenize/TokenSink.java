package dev.vignette.eval.tokenize;

/** Receives what a {@link TextTokenizer} finds, in the order of the text. */
interface TokenSink {
  /** A token as it is written, never empty. */
  void token(String written);

  /** The end of a line; what follows starts at {@code next} in the text. */
  void lineEnd(long next);
}
