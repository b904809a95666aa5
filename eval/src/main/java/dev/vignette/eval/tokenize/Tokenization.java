package dev.vignette.eval.tokenize;

import java.util.Locale;

/** Whether captions are tokenized together, as the reference does, or each by itself. */
public enum Tokenization {
  /**
   * What pycocoevalcap does: all captions are one text, a caption a line, so that a token can
   * depend on the next caption, and a caption with an odd line break shifts all that follow.
   * Figures compare with everybody's.
   */
  COMPAT,

  /** Each caption stands alone and its line breaks are spaces. */
  STRICT;

  /** The other one. */
  public Tokenization other() {
    return this == COMPAT ? STRICT : COMPAT;
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
