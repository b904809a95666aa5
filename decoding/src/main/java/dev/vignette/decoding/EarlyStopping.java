package dev.vignette.decoding;

import java.util.Arrays;
import java.util.Locale;

/** When beam search ends, as Hugging Face's {@code early_stopping}. */
public enum EarlyStopping {
  /** Ends when the best running beam, at its present length, cannot beat the worst finished one. */
  FALSE,
  /** Ends as soon as there are as many finished candidates as beams. */
  TRUE,
  /** Ends only when no running beam could beat the worst finished one at any length. */
  NEVER;

  /**
   * Reads {@code true}, {@code false} or {@code never}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static EarlyStopping parse(String text) {
    try {
      return valueOf(text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "early_stopping is true, false or never, not '" + text + "'", e);
    }
  }

  /** Whether {@link #parse} reads {@code text}. */
  public static boolean isOne(String text) {
    return Arrays.stream(values()).anyMatch(one -> one.toString().equalsIgnoreCase(text.strip()));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
