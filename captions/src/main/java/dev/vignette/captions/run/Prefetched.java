package dev.vignette.captions.run;

import java.util.List;
import java.util.Optional;

/**
 * What a prefetch thread found out about an image.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
sealed interface Prefetched<P> {
  /** The image. */
  ImageInput image();

  /**
   * It has to be captioned.
   *
   * @param sha256 of its file, empty if nobody needs it
   * @param lacking the settings without a caption of it
   */
  record Ready<P>(ImageInput image, FileStamp file, String sha256, List<String> lacking, P pixels)
      implements Prefetched<P> {}

  /**
   * It has its captions.
   *
   * @param file the stamp of its file now, empty if nobody looked
   */
  record Done<P>(ImageInput image, Optional<FileStamp> file) implements Prefetched<P> {}

  /** The settings that lack it are not to be tried again, as {@code message} says. */
  record Refused<P>(ImageInput image, List<String> lacking, String message)
      implements Prefetched<P> {}

  /** It cannot be read or prepared, as {@code message} says. */
  record Unreadable<P>(ImageInput image, String message) implements Prefetched<P> {}
}
