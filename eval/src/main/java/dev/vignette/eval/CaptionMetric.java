package dev.vignette.eval;

import java.util.List;

/**
 * A way to score captions. {@link MetricCatalog} finds those that are installed by {@link
 * java.util.ServiceLoader}: a jar on the class path with another one (a line in {@code
 * META-INF/services}) adds it to {@code vignette eval --metrics list}; that of the launcher is
 * fixed.
 */
public interface CaptionMetric {
  /** What a metric looks at, beside the caption that it scores. */
  enum Sight {
    /** The references. */
    WORDS,
    /** The image. */
    IMAGE,
    /** The image and the references. */
    IMAGE_AND_REFERENCES
  }

  /** What asks for it in any case: one word, such as {@code cider}, that no other metric has. */
  String name();

  /** What it measures, in one line for a list of metrics; no name, no period. */
  String description();

  /**
   * The names of the figures that it gives, in their order, such as {@code BLEU-1}; no other figure
   * has them.
   */
  List<String> figures();

  /** What it looks at. */
  default Sight sight() {
    return Sight.WORDS;
  }

  /**
   * Scores every image by each of {@link #figures}, in their order. It may be called again, with
   * the same captions in other tokens.
   */
  MetricScores score(MetricInput input);
}
