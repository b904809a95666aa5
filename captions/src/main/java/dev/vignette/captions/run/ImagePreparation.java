package dev.vignette.captions.run;

import dev.vignette.images.RgbImage;
import dev.vignette.images.RgbImage.ImageReadOptions;
import dev.vignette.images.UnreadableImageException;
import dev.vignette.images.UnreadableImageException.Reason;
import java.io.IOException;
import java.util.function.Function;

/**
 * Makes of image files what a captioner takes, on any number of threads. Large images are decoded
 * one at a time: they take gigabytes.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public final class ImagePreparation<P> {
  /** Images of more pixels are decoded one at a time. */
  static final long MOST_PIXELS_TOGETHER = 1L << 24;

  private final Function<RgbImage, P> prepare;
  private final ImageReadOptions reading;
  private final Object large = new Object();

  /**
   * Prepares images.
   *
   * @param prepare {@link CaptionWorkers#prepare}
   * @param reading how files become pixels
   */
  public ImagePreparation(Function<RgbImage, P> prepare, ImageReadOptions reading) {
    this.prepare = prepare;
    this.reading = reading;
  }

  /** What reads an image. */
  private interface Source<X extends Exception> {
    RgbImage read(ImageReadOptions options) throws X;
  }

  /**
   * Reads and prepares an image of a run.
   *
   * @throws UnreadableImageException if there is no picture in it, or one beyond the limits
   * @throws IOException if the shard it is in cannot be read
   */
  P of(ImageInput image) throws IOException {
    return of((Source<IOException>) image::read);
  }

  /**
   * Reads and prepares the bytes of a file.
   *
   * @param name of the file in errors
   * @throws UnreadableImageException if there is no picture in it, or one beyond the limits
   */
  public P of(byte[] file, String name) {
    return of((Source<RuntimeException>) options -> RgbImage.read(file, name, options));
  }

  private <X extends Exception> P of(Source<X> source) throws X {
    long together = Math.min(reading.maxPixels(), MOST_PIXELS_TOGETHER);
    try {
      return prepare.apply(source.read(reading.withMaxPixels(together)));
    } catch (UnreadableImageException refused) {
      if (refused.reason() != Reason.TOO_LARGE || together == reading.maxPixels()) {
        throw refused;
      }
    }
    synchronized (large) {
      return prepare.apply(source.read(reading));
    }
  }
}
