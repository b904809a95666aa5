package dev.vignette.eval.clip;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * The scores of a corpus.
 *
 * @param images the scored images in the order given
 * @param truncated captions and references that did not fit CLIP's positions
 * @param unreadable images that could not be read, with the reason; they have no score
 * @param pictures what tells these pictures from others under the same names: a hash of their
 *     files' hashes in the order given
 */
public record ClipScores(
    SequencedMap<String, Score> images,
    int truncated,
    SequencedMap<Path, String> unreadable,
    String pictures) {

  /**
   * One image's scores.
   *
   * @param clipScore 2.5 · max(cos, 0) of caption and image
   * @param refClipScore harmonic mean of that and the best reference's cosine; empty without
   *     references
   */
  public record Score(double clipScore, OptionalDouble refClipScore) {}

  /** Copies the maps. */
  public ClipScores {
    images = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(images));
    unreadable = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(unreadable));
  }

  /** Mean CLIPScore of the scored images; NaN when there is none. */
  public double clipScore() {
    return images.values().stream().mapToDouble(Score::clipScore).average().orElse(Double.NaN);
  }

  /** Mean RefCLIPScore of the images with references; empty when none has any. */
  public OptionalDouble refClipScore() {
    List<Score> scored =
        images.values().stream().filter(s -> s.refClipScore().isPresent()).toList();
    return scored.stream().mapToDouble(s -> s.refClipScore().getAsDouble()).average();
  }
}
