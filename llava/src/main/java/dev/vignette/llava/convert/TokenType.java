package dev.vignette.llava.convert;

/** The kinds of tokens, in SentencePiece's order and numbers, which GGUF files have too. */
enum TokenType {
  NORMAL,
  UNKNOWN,
  CONTROL,
  USER_DEFINED,
  UNUSED,
  BYTE;

  /** The number in a file. */
  int number() {
    return ordinal() + 1;
  }
}
