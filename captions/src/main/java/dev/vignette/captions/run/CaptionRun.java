package dev.vignette.captions.run;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/**
 * Captions images, one or ten thousand, by K >= 1 settings: they are loaded ahead on other threads,
 * captioned by workers, the first of them on the thread that calls {@link #run}, and each caption
 * is safe as soon as it is there. A run that was killed and run again ends with the same
 * predictions, byte for byte, as one that was not.
 *
 * <p>With {@link RunOutput.Saved} a caption is reused if its image file is the same (by size and
 * time of change, else by SHA-256) and the fingerprint of its setting is. An image is captioned by
 * the settings that lack it. Captions of images outside the run stay in the predictions, and so do
 * captions that somebody else wrote there. An image that cannot be read loses its old captions, and
 * one that the model fails on those of the settings that lacked it.
 *
 * <p>An image that was in hand when an earlier run's process ended is tried last and alone; if it
 * ends another, it is listed as failed and not tried again.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public final class CaptionRun<P> {
  private final CaptionWorkers<P> workers;
  private final RunPlan plan;
  private final ProgressReporter progress;
  private final StopSignal stop;

  /**
   * A run to come.
   *
   * @param progress told of each image, and closed when the run ends
   * @param stop may end the run before all images are captioned
   */
  public CaptionRun(
      CaptionWorkers<P> workers, RunPlan plan, ProgressReporter progress, StopSignal stop) {
    this.workers = workers;
    this.plan = plan;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Runs until the images are captioned, the stop signal comes, or going on makes no sense. An
   * image that cannot be read or captioned is among the failures of the result.
   *
   * @throws UsageException before any work, if the output cannot take these captions
   * @throws UncheckedIOException before any work, if it cannot be read and written
   * @throws OutputException if captions cannot be printed
   */
  public RunResult run() {
    RunSettings settings = plan.settings();
    try (progress;
        RunLedger ledger =
            RunLedger.open(
                plan.output(),
                plan.inputs(),
                workers.settings(),
                setting -> settings.withReading(workers.fingerprint(setting)));
        CaptionWorker<P> first = workers.open(0)) {
      progress.started(plan.inputs().images().size());
      long begun = settings.nanoTime().getAsLong();
      SharedRun run = new SharedRun(ledger, plan, progress, stop);
      ImageLoader<P> loader = new ImageLoader<>(workers::prepare, ledger, settings);
      captionTogether(first, run, loader, images(image -> !ledger.isSuspect(image)));
      captionAlone(first, run, loader, images(ledger::isSuspect));
      return run.finish(begun);
    }
  }

  private List<ImageInput> images(Predicate<ImageInput> which) {
    return plan.inputs().images().stream().filter(which).toList();
  }

  /** Captions images by all workers, as many at once as they take. */
  private void captionTogether(
      CaptionWorker<P> first, SharedRun run, ImageLoader<P> loader, List<ImageInput> images) {
    int count = Math.clamp(images.size(), 1, workers.count());
    int ahead = Math.max(plan.settings().prefetchedImages(), 2 * count * first.capacity());
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    try (Prefetcher<P> prefetcher =
        new Prefetcher<>(loader, images, plan.settings().prefetchThreads(), ahead)) {
      for (int number = 1; number < count; number++) {
        threads.add(start(number, run, prefetcher, failures));
      }
      try {
        new WorkerLoop<>(first, new RunFeed<>(run, prefetcher)).caption(Integer.MAX_VALUE);
      } catch (RuntimeException | Error own) {
        run.abort();
        throw own;
      } finally {
        threads.forEach(CaptionRun::await);
      }
    }
    switch (failures.peek()) {
      case null -> {}
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  private Thread start(int number, SharedRun run, Prefetcher<P> images, Queue<Throwable> failures) {
    return Thread.ofPlatform()
        .name("vignette-worker-" + number)
        .start(() -> {
          try {
            work(number, run, images);
          } catch (RuntimeException | Error own) {
            failures.add(own);
            run.abort();
          }
        });
  }

  /**
   * A worker beside the first that cannot be opened, such as for want of memory, is missed only.
   */
  private void work(int number, SharedRun run, Prefetcher<P> images) {
    CaptionWorker<P> opened;
    try {
      opened = workers.open(number);
    } catch (RuntimeException failure) {
      run.note(
          "Worker %d cannot be opened, and the run goes on without it: %s"
              .formatted(number + 1, ImageLoader.messageOf(failure)));
      return;
    }
    try (CaptionWorker<P> worker = opened) {
      new WorkerLoop<>(worker, new RunFeed<>(run, images)).caption(Integer.MAX_VALUE);
    }
  }

  private static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Captions images under suspicion one after another, with nothing else in hand. */
  private void captionAlone(
      CaptionWorker<P> worker, SharedRun run, ImageLoader<P> loader, List<ImageInput> suspects) {
    if (!suspects.isEmpty()) {
      try (Prefetcher<P> prefetcher =
          new Prefetcher<>(loader, suspects, 1, plan.settings().prefetchedImages())) {
        new WorkerLoop<>(worker, new RunFeed<>(run, prefetcher)).caption(1);
      }
    }
  }
}
