package dev.vignette.captions.run;

import java.util.List;

/**
 * Captions images with a model context of its own: several at once, which join while others are in
 * hand and are answered in any order. Opened, used and closed on one thread.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public interface CaptionWorker<P> extends AutoCloseable {

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
