package dev.vignette.captioner.train;

import dev.vignette.captions.Predictions;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/** Scores captions against references. */
@FunctionalInterface
public interface CaptionScorer {
  /**
   * What captions are held against.
   *
   * @param images files by stem
   * @param references captions by stem
   */
  record Truth(SequencedMap<String, Path> images, SequencedMap<String, List<String>> references) {}

  /**
   * Corpus figures by metric name ({@code cider}, {@code clipscore}, ...), higher being better.
   *
   * @param predictions one caption an image of {@code truth}, by stem
   */
  SequencedMap<String, Double> score(Predictions predictions, Truth truth);

  /** The names of what {@link #score} will compute; empty if that is not known beforehand. */
  default List<String> metrics() {
    return List.of();
  }
}
