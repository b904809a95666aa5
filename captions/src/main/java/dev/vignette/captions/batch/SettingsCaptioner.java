package dev.vignette.captions.batch;

import dev.vignette.captions.RgbImage;
import java.util.List;

/**
 * Makes several captions of each image, one a setting, such as an instruction with a configuration
 * of generation.
 *
 * @param <P> what {@link #prepare} makes of an image: its pixels at the size of the model
 */
public interface SettingsCaptioner<P> {
  /**
   * Resizes and normalises one image, as {@link ImageCaptioner#prepare} does.
   *
   * @throws RuntimeException if this image cannot be prepared; it is listed as failed
   */
  P prepare(RgbImage image);

  /**
   * Captions one image; always called on the one thread that runs {@link SettingsRun#run}.
   *
   * @param settings names of settings, at least one, in their order
   * @return one caption a setting, in their order
   * @throws RuntimeException if it cannot be captioned; it is listed as failed
   */
  List<CaptionDetails> caption(P image, List<String> settings);

  /** What the captions of a setting depend on besides the image. */
  ModelFingerprint fingerprint(String setting);
}
