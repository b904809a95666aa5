package dev.vignette.captions.run;

import dev.vignette.captions.run.ImageInput.FileStamp;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Loads images ahead on threads of its own, and hands them out in their order. At most {@code
 * depth} prepared images wait, and at most {@code threads} are in full size, one a thread.
 *
 * @param <P> what a captioner makes of an image
 */
final class Prefetcher<P> implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Prefetcher.class.getName());
  private static final int PATIENCE_SECONDS = 10;

  private final ImageLoader<P> loader;
  private final Iterator<ImageInput> pending;
  private final Deque<Future<Prefetched<P>>> ahead = new ArrayDeque<>();
  private final ExecutorService workers;
  private final int depth;

  Prefetcher(ImageLoader<P> loader, List<ImageInput> images, int threads, int depth) {
    this.loader = loader;
    this.pending = images.iterator();
    this.depth = depth;
    this.workers =
        Executors.newFixedThreadPool(
            Math.min(threads, Math.max(1, images.size())),
            Thread.ofPlatform().daemon().name("vignette-prefetch-", 1).factory());
    topUp();
  }

  private void topUp() {
    while (ahead.size() < depth && pending.hasNext()) {
      ImageInput image = pending.next();
      ahead.add(workers.submit(() -> loader.load(image)));
    }
  }

  /** Whether there are more images. */
  boolean hasNext() {
    return !ahead.isEmpty();
  }

  /**
   * The next image; waits until it is loaded.
   *
   * @throws IllegalStateException if the thread is interrupted meanwhile
   */
  Prefetched<P> next() {
    Future<Prefetched<P>> next = ahead.remove();
    topUp();
    try {
      return next.get();
    } catch (InterruptedException failure) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "The captioning thread was interrupted while it waited for an image; stop a run by its StopSignal",
          failure);
    } catch (ExecutionException failure) {
      throw new IllegalStateException(
          "Loading an image ended in an error: " + failure.getCause(), failure.getCause());
    }
  }

  /** Drops what was loaded ahead, and waits a while for the images in hand. */
  @Override
  public void close() {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(System.Logger.Level.DEBUG, "An image is still being decoded; it is dropped");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

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
    record Refused<P>(ImageInput image, String sha256, List<String> lacking, String message)
        implements Prefetched<P> {}

    /** It was read and is no picture that can be captioned, as {@code message} says. */
    record Unreadable<P>(ImageInput image, String message) implements Prefetched<P> {}

    /** It cannot be reached or prepared now, as {@code message} says, and may be what it was. */
    record Unreached<P>(ImageInput image, String message) implements Prefetched<P> {}
  }
}
