package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What the thread of one worker does: gives it images, lets it go on, and hands over what comes of
 * them. An image that fails while others are in hand is tried again alone; several that fail at
 * once are tried again by halves, so that one bad image among 32 costs six tries and not 32.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 * @param <J> what an image is to the feed
 */
final class WorkerLoop<P, J> {
  private static final System.Logger LOG = System.getLogger(WorkerLoop.class.getName());

  private final CaptionWorker<P> worker;
  private final WorkFeed<P, J> feed;
  private final SequencedMap<CaptionTask<P>, J> inHand = new LinkedHashMap<>();
  private final List<Runnable> answers = new ArrayList<>();

  /** Images that failed in this step while others were in hand. */
  private final List<J> suspects = new ArrayList<>();

  /** Groups of images to try again, with no others in hand. */
  private final Deque<List<J>> again = new ArrayDeque<>();

  /** Whether a group is tried again, so that none may join it. */
  private boolean closed;

  WorkerLoop(CaptionWorker<P> worker, WorkFeed<P, J> feed) {
    this.worker = worker;
    this.feed = feed;
  }

  /**
   * Captions images of the feed until it has no more or is to end; then those in hand are finished,
   * unless nothing can be kept any more.
   *
   * @param mostInHand at once, at least 1
   */
  void caption(int mostInHand) {
    try {
      takeInHand(mostInHand);
      while (!inHand.isEmpty() && !feed.isStopped()) {
        feed.captioning(worker::step);
        deliver();
        dropUnwanted();
        takeInHand(mostInHand);
      }
    } catch (RuntimeException failure) {
      dropAll();
      throw failure;
    } // After an Error they stay under suspicion.
    dropAll();
  }

  private void takeInHand(int mostInHand) {
    closed &= !inHand.isEmpty();
    if (closed) {
      return;
    }
    if (!again.isEmpty()) {
      if (inHand.isEmpty() && feed.goesOn()) {
        closed = true;
        again.remove().forEach(this::submit);
      }
      return;
    }
    while (inHand.size() < Math.min(mostInHand, worker.capacity())) {
      Optional<J> next = feed.next();
      if (next.isEmpty()) {
        return;
      }
      submit(next.get());
    }
  }

  private void submit(J image) {
    if (!feed.begin(image)) {
      return;
    }
    CaptionTask<P> task = feed.task(image);
    inHand.put(task, image);
    worker.submit(task, new Answer(task));
  }

  /** Keeps an answer until the step is over. */
  private final class Answer implements CaptionWorker.Listener {
    private final CaptionTask<P> task;

    Answer(CaptionTask<P> task) {
      this.task = task;
    }

    @Override
    public void captioned(List<CaptionDetails> captions) {
      if (captions.size() == task.settings().size()) {
        answers.add(() -> feed.captioned(taken(), captions));
      } else {
        failed(
            new IllegalStateException(
                "A captioner must give one caption a setting, but gave %d for %d"
                    .formatted(captions.size(), task.settings().size())));
      }
    }

    @Override
    public void failed(RuntimeException reason) {
      LOG.log(System.Logger.Level.DEBUG, "Captioning failed", reason);
      boolean theOnlyOne = inHand.size() == 1;
      answers.add(() -> {
        if (theOnlyOne) {
          feed.failed(taken(), reason);
        } else {
          J image = taken();
          feed.release(image);
          suspects.add(image);
        }
      });
    }

    private J taken() {
      J image = inHand.remove(task);
      if (image == null) {
        throw new IllegalStateException(
            "A worker answers a task once, but answered %s again".formatted(task.image().path()));
      }
      return image;
    }
  }

  private void deliver() {
    List<Runnable> now = List.copyOf(answers);
    answers.clear();
    now.forEach(Runnable::run);
    int half = (suspects.size() + 1) / 2;
    addAgain(suspects.subList(0, half));
    addAgain(suspects.subList(half, suspects.size()));
    suspects.clear();
  }

  private void addAgain(List<J> group) {
    if (!group.isEmpty()) {
      again.add(List.copyOf(group));
    }
  }

  /** Gives up those in hand that nobody waits for any more. */
  private void dropUnwanted() {
    inHand
        .entrySet()
        .removeIf(one -> {
          boolean dropped = !feed.isWanted(one.getValue());
          if (dropped) {
            worker.cancel(one.getKey());
            feed.release(one.getValue());
          }
          return dropped;
        });
  }

  private void dropAll() {
    for (Map.Entry<CaptionTask<P>, J> one : inHand.entrySet()) {
      worker.cancel(one.getKey());
      feed.release(one.getValue());
    }
    inHand.clear();
  }

  /**
   * Where the images of a {@link WorkerLoop} come from, and where goes what comes of them. Called
   * on the worker's thread.
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
}
