package dev.vignette.captions.batch;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A {@code predictions.json} and what is kept beside it.
 *
 * @param predictions the {@code predictions.json}; its folder exists
 * @param keys what names an image in it
 * @param details whether a JSONL of tokens, log-probabilities and timings is kept beside it
 * @param sidecars the text files beside the images, or null for none
 * @param overwrite whether the images of the run are captioned again even where that is done, and
 *     captions and sidecars of other origin are replaced
 */
public record OutputFiles(
    Path predictions,
    KeyMode keys,
    boolean details,
    @Nullable SidecarText sidecars,
    boolean overwrite)
    implements CaptionDestination {
  private static final String JSON = ".json";

  /** {@code predictions} by stem, with nothing else. */
  public static OutputFiles of(Path predictions) {
    return new OutputFiles(predictions, KeyMode.STEM, false, null, false);
  }

  /**
   * {@code predictions.json.journal}, which says for each caption what it was made of. It makes a
   * killed run resume and a changed image be captioned again; keep it beside the predictions.
   */
  public Path journalFile() {
    return predictions.resolveSibling(predictions.getFileName() + ".journal");
  }

  /** {@code predictions.details.jsonl} beside {@code predictions.json}. */
  public Path detailsFile() {
    String name = String.valueOf(predictions.getFileName());
    String stem = name.endsWith(JSON) ? name.substring(0, name.length() - JSON.length()) : name;
    return predictions.resolveSibling(stem + ".details.jsonl");
  }
}
