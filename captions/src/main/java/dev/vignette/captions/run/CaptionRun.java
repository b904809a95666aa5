package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.captions.run.SharedRun.RunFeed;
import java.io.UncheckedIOException;
import java.util.List;
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
                setting -> settings.withReading(workers.fingerprint(setting)))) {
      return run(ledger);
    }
  }

  private RunResult run(RunLedger ledger) {
    RunSettings settings = plan.settings();
    List<ImageInput> together = images(image -> !ledger.isSuspect(image));
    // As many workers as there are images for, and two batches of each loaded while they open.
    int count = Math.clamp(together.size(), 1, workers.count());
    int ahead = Math.max(settings.prefetchedImages(), 2 * count * workers.capacity());
    ImageLoader<P> loader = new ImageLoader<>(workers::prepare, ledger, settings);
    try (Prefetcher<P> images =
            new Prefetcher<>(loader, together, settings.prefetchThreads(), ahead);
        WorkersBeside<P> others = new WorkersBeside<>(workers, count);
        CaptionWorker<P> first = others.openFirst()) {
      others.awaitOpen();
      progress.started(plan.inputs().images().size());
      long begun = settings.nanoTime().getAsLong();
      SharedRun run = new SharedRun(ledger, plan, progress, stop, workers::changed);
      ledger.damages().forEach(run::note);
      captionTogether(first, others, run, images, share(together.size(), count, first.capacity()));
      captionAlone(first, run, loader, images(ledger::isSuspect));
      return run.finish(begun);
    }
  }

  /**
   * How many images a worker has in hand, so that all take equally many rounds and end together:
   * full batches would leave the last round to a few of them, while others are idle.
   */
  static int share(int images, int workers, int capacity) {
    if (workers == 1) {
      return capacity;
    }
    long rounds = Math.ceilDiv((long) images, (long) workers * capacity);
    return Math.toIntExact(Math.ceilDiv((long) images, workers * rounds));
  }

  private List<ImageInput> images(Predicate<ImageInput> which) {
    return plan.inputs().images().stream().filter(which).toList();
  }

  /** Captions images by all workers, {@code share} at once by each. */
  private void captionTogether(
      CaptionWorker<P> first,
      WorkersBeside<P> others,
      SharedRun run,
      Prefetcher<P> images,
      int share) {
    try (images) {
      others.begin(run, images, share);
      try {
        new WorkerLoop<>(first, new RunFeed<>(run, images)).caption(share);
      } catch (RuntimeException | Error own) {
        run.abort();
        throw own;
      } finally {
        others.close();
      }
    }
    others.rethrow();
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
