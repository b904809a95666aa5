package dev.vignette.eval.tokenize;

/** Splits a text of many lines into tokens and ends of lines. */
interface TextTokenizer {
  /** Reports every token and every end of a line of {@code text} to {@code sink}. */
  void tokenize(String text, TokenSink sink);

  /** Its name and version, for fingerprints. */
  String name();
}
