package dev.vignette.captions.run;

import dev.vignette.images.RgbImage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /**
   * Says, in whole sentences, that the model's files are no longer those that it was opened from:
   * what it says since is not kept. Empty while they are the same; asked for each caption.
   */
  default Optional<String> changed() {
    return Optional.empty();
  }

  /** Returns how many workers a run opens, at least 1. */
  default int count() {
    return 1;
  }

  /**
   * Returns how many images each worker has in hand at most, told before it is open; at least 1.
   */
  default int capacity() {
    return 1;
  }

  /**
   * Opens a worker, on the thread that will use and close it.
   *
   * @param number 0 to {@link #count} - 1; number 0 is used on the thread that runs the run
   */
  CaptionWorker<P> open(int number);

  /**
   * Captions images with a model context of its own: several at once, which join while others are
   * in hand and are answered in any order. Opened, used and closed on one thread.
   *
   * @param <P> what {@link CaptionWorkers#prepare} makes of an image
   */
  interface CaptionWorker<P> extends AutoCloseable {

    /** Takes what came of one task, on the worker's thread, within {@link #step}. */
    interface Listener {
      /** Takes one caption a setting of the task, in their order. */
      void captioned(List<CaptionDetails> captions);

      /**
       * Takes the reason why the image has no captions. A failure while others were in hand may be
       * theirs: the image is then tried again, alone or with some of those that failed with it.
       */
      void failed(RuntimeException reason);
    }

    /** Returns how many images may be in hand at once, at least 1. */
    int capacity();

    /**
     * Refuses a task beyond {@link #capacity}, for {@link #submit}.
     *
     * @param inHand images in hand without it
     */
    default void requireRoom(int inHand, CaptionTask<P> task) {
      if (inHand >= capacity()) {
        throw new IllegalStateException(
            "At most %d images are in hand at once, but %s is one more"
                .formatted(capacity(), task.image().path()));
      }
    }

    /**
     * Takes an image in hand; it joins at the next step.
     *
     * @throws IllegalStateException if {@link #capacity} images are in hand
     */
    void submit(CaptionTask<P> task, Listener listener);

    /**
     * Advances the images in hand, and answers those that are done.
     *
     * @return whether any is still in hand
     */
    boolean step();

    /** Drops a task that is in hand, without an answer; does nothing for one that is not. */
    void cancel(CaptionTask<P> task);

    /** Gives the context back. */
    @Override
    void close();
  }

  /**
   * An image to caption, and by what.
   *
   * @param image the image
   * @param prepared its pixels at the size of the model
   * @param settings the names of the settings that lack a caption of it, at least one, in the order
   *     of {@link CaptionWorkers#settings}
   * @param <P> what {@link CaptionWorkers#prepare} makes of an image
   */
  record CaptionTask<P>(ImageInput image, P prepared, List<String> settings) {
    /** Copies the names. */
    public CaptionTask {
      settings = List.copyOf(settings);
      if (settings.isEmpty()) {
        throw new IllegalArgumentException(
            "A task has at least one setting, but that of %s has none".formatted(image.path()));
      }
    }

    /** Compares tasks as objects: workers look them up at every step, and pixels are many. */
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
