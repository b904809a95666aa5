package dev.vignette.eval;

import java.util.List;

/**
 * A way to score captions. {@link MetricCatalog} finds those that are installed by {@link
 * java.util.ServiceLoader}: a jar with another one (a {@code provides} in its {@code module-info},
 * or a line in {@code META-INF/services}) adds it to {@code vignette eval --metrics}.
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

  /** What asks for it: one word in lower case, such as {@code cider}. */
  String name();

  /** What it measures, in one line for a list of metrics; no name, no period. */
  String description();

  /** The names of the figures that it gives, in their order, such as {@code BLEU-1}. */
  List<String> figures();

  /** What it looks at. */
  default Sight sight() {
    return Sight.WORDS;
  }

  /** Scores every image. It may be called again, with the same captions in other tokens. */
  MetricScores score(MetricInput input);
}
