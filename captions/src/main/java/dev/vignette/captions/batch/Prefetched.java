package dev.vignette.captions.batch;

/**
 * What a prefetch thread found out about an image.
 *
 * @param <P> what a captioner makes of an image
 */
sealed interface Prefetched<P> {
  /** The image. */
  ImageInput image();

  /** It has to be captioned. */
  record Ready<P>(ImageInput image, FileStamp file, String sha256, P pixels)
      implements Prefetched<P> {}

  /** It has its caption. The entry of a {@link Reusable.MadeBefore} has the file's stamp of now. */
  record Done<P>(ImageInput image, Reusable caption) implements Prefetched<P> {}

  /** It cannot be read or prepared, as {@code message} says. */
  record Unreadable<P>(ImageInput image, String message) implements Prefetched<P> {}
}
