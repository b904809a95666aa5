package dev.vignette.eval.tokenize;

import java.io.IOException;
import java.io.Reader;

/** Splits a text of many lines into tokens and ends of lines. */
interface TextTokenizer {
  /** Reports every token and every end of a line of {@code text} to {@code sink}. */
  void tokenize(String text, TokenSink sink);

  /** Does the same with a text of any length, little of which is held at a time. */
  void tokenize(Reader text, TokenSink sink) throws IOException;

  /** Its name and version, for fingerprints. */
  String name();
}
