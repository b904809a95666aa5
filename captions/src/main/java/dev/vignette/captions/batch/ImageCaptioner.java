package dev.vignette.captions.batch;

import dev.vignette.captions.RgbImage;
import java.util.List;

/**
 * Makes captions of images.
 *
 * @param <P> what {@link #prepare} makes of an image: its pixels at the size of the model
 */
public interface ImageCaptioner<P> {
  /**
   * Resizes and normalises one image. Called on prefetch threads, several at once, while another
   * thread is in {@link #caption}: it touches no model and no shared state.
   *
   * @throws RuntimeException if this image cannot be prepared; it is listed as failed with the
   *     message
   */
  P prepare(RgbImage image);

  /**
   * Captions some images; always called on the one thread that runs {@link CaptionRun#run}.
   *
   * @param images 1 to {@link #batchSize} prepared images
   * @return one result an image, in their order
   * @throws RuntimeException if they cannot be captioned; several are then tried one by one, and an
   *     image that fails alone is listed as failed with the message
   */
  List<CaptionDetails> caption(List<P> images);

  /** How many images {@link #caption} takes at once, at least 1. */
  default int batchSize() {
    return 1;
  }

  /**
   * What the captions depend on besides the image: the model's files and every setting that can
   * change a word. A caption of an earlier run is reused only under an equal fingerprint.
   */
  ModelFingerprint fingerprint();
}
