package dev.vignette.eval;

import java.util.Locale;

/** What can be asked for; BLEU is BLEU-1 to BLEU-4. */
public enum MetricKind {
  CIDER,
  BLEU,
  ROUGE,
  CLIPSCORE,
  REFCLIPSCORE;

  /** Whether it looks at the image. */
  public boolean needsImages() {
    return this == CLIPSCORE || this == REFCLIPSCORE;
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
