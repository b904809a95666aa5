package dev.vignette.captions.batch;

import dev.vignette.captions.ImageReadOptions;
import dev.vignette.captions.RgbImage;
import dev.vignette.captions.UnreadableImageException;
import dev.vignette.captions.UnreadableImageException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Looks at one image, on a prefetch thread: whether its caption can be reused, else its pixels.
 *
 * <p>The stamp is taken first, then the hash, then the pixels, so that a file that is replaced
 * meanwhile is found changed by the next run.
 *
 * @param <P> what a captioner makes of an image
 */
final class ImageLoader<P> {
  /**
   * Larger images are decoded one at a time, whatever the number of threads: they take gigabytes.
   */
  static final long MOST_PIXELS_TOGETHER = 1L << 24;

  private final Function<RgbImage, P> prepare;
  private final CaptionSink<?> sink;
  private final Map<String, Reusable> reusable;
  private final RunSettings settings;
  private final Object large = new Object();

  ImageLoader(
      Function<RgbImage, P> prepare,
      CaptionSink<?> sink,
      List<ImageInput> images,
      RunSettings settings) {
    this.prepare = prepare;
    this.sink = sink;
    this.reusable = sink.reusable(images);
    this.settings = settings;
  }

  Prefetched<P> load(ImageInput image) {
    try {
      return look(image);
    } catch (IOException failure) {
      return new Prefetched.Unreadable<>(
          image, "%s cannot be read (%s).".formatted(image.path(), failure));
    } catch (RuntimeException failure) {
      return new Prefetched.Unreadable<>(image, messageOf(failure));
    } catch (OutOfMemoryError failure) {
      return new Prefetched.Unreadable<>(
          image,
          "%s needs more memory than there is (%s). Make a smaller copy, or give Java more (VIGNETTE_JAVA_OPTS=-Xmx4g)."
              .formatted(image.path(), failure.getMessage()));
    }
  }

  private Prefetched<P> look(ImageInput image) throws IOException {
    Reusable before = reusable.get(image.key());
    if (before instanceof Reusable.WrittenByHand) {
      return new Prefetched.Done<>(image, before);
    }
    FileStamp stamp = FileStamp.of(image.path(), settings.clock().instant());
    if (before instanceof Reusable.MadeBefore(JournalEntry entry)
        && stamp.provesSameAs(entry.file())) {
      return new Prefetched.Done<>(image, before);
    }
    String sha256 = sink.needsHashes() ? ContentHash.of(image.path()) : "";
    if (before instanceof Reusable.MadeBefore(JournalEntry entry)
        && sha256.equals(entry.sha256())) {
      return new Prefetched.Done<>(image, new Reusable.MadeBefore(entry.withFile(stamp)));
    }
    return new Prefetched.Ready<>(image, stamp, sha256, pixels(image.path()));
  }

  private P pixels(Path file) {
    ImageReadOptions reading = settings.reading();
    long together = Math.min(reading.maxPixels(), MOST_PIXELS_TOGETHER);
    try {
      return prepare.apply(RgbImage.read(file, reading.withMaxPixels(together)));
    } catch (UnreadableImageException refused) {
      if (refused.reason() != Reason.TOO_LARGE || together == reading.maxPixels()) {
        throw refused;
      }
    }
    synchronized (large) {
      return prepare.apply(RgbImage.read(file, reading));
    }
  }

  /** What {@code failure} says, or its type if it says nothing. */
  static String messageOf(RuntimeException failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
