package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import java.util.List;
import java.util.Optional;

/**
 * Where the images of a {@link WorkerLoop} come from, and where goes what comes of them. Called on
 * the worker's thread.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 * @param <J> what an image is to the feed
 */
interface WorkFeed<P, J> {
  /** Returns the next image; nothing if there is none, or none yet. */
  Optional<J> next();

  /** Returns an image as the worker takes it. */
  CaptionTask<P> task(J image);

  /** Returns whether more images are to be taken in hand. */
  boolean goesOn();

  /** Returns whether nothing more can be kept, so that even those in hand are in vain. */
  boolean isStopped();

  /** Returns whether somebody still waits for an image in hand. */
  boolean isWanted(J image);

  /** Notes that the model is given an image; returns whether it shall be. */
  boolean begin(J image);

  /** Notes that the model has an image no more, without an answer; it may be begun again. */
  void release(J image);

  /** Lets the worker take a step. */
  void captioning(Runnable step);

  /** Takes the captions of an image, one a setting of its task. */
  void captioned(J image, List<CaptionDetails> captions);

  /** Takes the reason why the model failed on an image that it had alone. */
  void failed(J image, RuntimeException reason);
}
