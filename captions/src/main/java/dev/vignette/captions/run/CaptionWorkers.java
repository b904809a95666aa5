package dev.vignette.captions.run;

import dev.vignette.images.RgbImage;
import java.util.List;

/**
 * A model with K >= 1 settings (instructions, configurations of generation), and the workers that
 * caption with it: one or two a device, which share the weights.
 *
 * @param <P> what {@link #prepare} makes of an image: its pixels at the size of the model
 */
public interface CaptionWorkers<P> {
  /** The name of the setting where there is only one, which nobody sees. */
  String ONLY_SETTING = "caption";

  /**
   * Resizes and normalises one image. Called on prefetch threads, several at once, while workers
   * are at work: it touches no model and no shared state.
   *
   * @throws RuntimeException if this image cannot be prepared; it is listed as failed with the
   *     message
   */
  P prepare(RgbImage image);

  /** Returns the names of the settings, at least one, in order, each once. */
  default List<String> settings() {
    return List.of(ONLY_SETTING);
  }

  /**
   * Returns what the captions of a setting depend on besides the image: the model's files and every
   * value that can change a word. A caption of an earlier run is reused only under a fingerprint
   * that this one accepts.
   */
  ModelFingerprint fingerprint(String setting);

  /** Returns how many workers a run opens, at least 1. */
  default int count() {
    return 1;
  }

  /**
   * Opens a worker, on the thread that will use and close it.
   *
   * @param number 0 to {@link #count} - 1; number 0 is used on the thread that runs the run
   */
  CaptionWorker<P> open(int number);
}
