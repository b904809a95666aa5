package dev.vignette.captions.batch;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the captioning thread does: takes loaded images, captions them, hands over what came of
 * them, and keeps count.
 *
 * @param <P> what the captioner makes of an image
 * @param <R> what captioning one image gives
 */
final class CaptionLoop<P, R> {
  private static final System.Logger LOG = System.getLogger(CaptionLoop.class.getName());

  private final Asking<P, R> asking;
  private final int batchSize;
  private final CaptionSink<R> sink;
  private final RunSettings settings;
  private final ProgressReporter progress;
  private final StopSignal stop;
  private final List<ImageFailure> failures = new ArrayList<>();
  private int captioned;
  private int reused;
  private int writtenByHand;
  private int failuresInARow;
  private long waitingNanos;
  private long captioningNanos;
  private long savingNanos;
  private long saved;

  /** Captions some images, a result an image. */
  @FunctionalInterface
  interface Asking<P, R> {
    List<R> ask(List<Prefetched.Ready<P>> images);
  }

  /**
   * @param batchSize the most images that {@code asking} takes at once
   */
  CaptionLoop(
      Asking<P, R> asking,
      int batchSize,
      CaptionSink<R> sink,
      RunSettings settings,
      ProgressReporter progress,
      StopSignal stop) {
    this.asking = asking;
    this.batchSize = batchSize;
    this.sink = sink;
    this.settings = settings;
    this.progress = progress;
    this.stop = stop;
  }

  /** Goes through {@code images}, of which there are {@code total}. */
  RunResult run(Prefetcher<P> images, int total) {
    long begun = now();
    saved = begun;
    Ending ending = finish(captionAll(images, total));
    RunTimings timings = new RunTimings(now() - begun, waitingNanos, captioningNanos, savingNanos);
    return new RunResult(
        total, captioned, reused, writtenByHand, sink.sidecarsLeft(), failures, ending, timings);
  }

  private Ending captionAll(Prefetcher<P> images, int total) {
    List<Prefetched.Ready<P>> batch = new ArrayList<>();
    try {
      while (images.hasNext()) {
        if (stop.requested()) {
          return new Ending.Interrupted();
        }
        take(next(images), batch);
        if (batch.size() == batchSize || (!images.hasNext() && !batch.isEmpty())) {
          caption(batch);
          batch.clear();
        }
        if (failuresInARow >= settings.failuresInARow()) {
          return new Ending.Stopped(
              "The model failed on %d images in a row, the last time with: %s"
                  .formatted(failuresInARow, failures.getLast().message()));
        }
        saveIfDue();
      }
      boolean all = captioned + reused + writtenByHand + failures.size() == total;
      return all ? new Ending.Completed() : new Ending.Interrupted();
    } catch (UncheckedIOException failure) {
      return new Ending.Stopped(ImageLoader.messageOf(failure));
    }
  }

  private Prefetched<P> next(Prefetcher<P> images) {
    long begun = now();
    try {
      return images.next();
    } finally {
      waitingNanos += now() - begun;
    }
  }

  private void take(Prefetched<P> image, List<Prefetched.Ready<P>> batch) {
    switch (image) {
      case Prefetched.Ready<P> ready -> batch.add(ready);
      case Prefetched.Done<P> done -> {
        switch (done.caption()) {
          case Reusable.MadeBefore _ -> reused++;
          case Reusable.WrittenByHand _ -> writtenByHand++;
        }
        save(() -> sink.reused(done));
        progress.advanced(ProgressReporter.Step.REUSED);
      }
      case Prefetched.Unreadable<P>(ImageInput input, String message) -> fail(input, message);
    }
  }

  /** Captions {@code batch} at once, or one by one if that fails. */
  private void caption(List<Prefetched.Ready<P>> batch) {
    List<R> made;
    try {
      made = ask(batch);
    } catch (RuntimeException failure) {
      LOG.log(System.Logger.Level.DEBUG, "Captioning failed", failure);
      if (batch.size() == 1) {
        failuresInARow++;
        fail(batch.getFirst().image(), ImageLoader.messageOf(failure));
      } else {
        captionOneByOne(batch);
      }
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      keep(batch.get(i), made.get(i));
    }
  }

  private void captionOneByOne(List<Prefetched.Ready<P>> batch) {
    for (Prefetched.Ready<P> image : batch) {
      if (!stop.requested() && failuresInARow < settings.failuresInARow()) {
        caption(List.of(image));
      }
    }
  }

  private List<R> ask(List<Prefetched.Ready<P>> batch) {
    long begun = now();
    try {
      List<R> made = asking.ask(batch);
      if (made.size() != batch.size()) {
        throw new IllegalStateException(
            "A captioner must give one result an image, but gave %d for %d"
                .formatted(made.size(), batch.size()));
      }
      return made;
    } finally {
      captioningNanos += now() - begun;
    }
  }

  private void keep(Prefetched.Ready<P> image, R made) {
    save(() -> sink.captioned(image, made));
    failuresInARow = 0;
    captioned++;
    progress.advanced(ProgressReporter.Step.CAPTIONED);
  }

  private void fail(ImageInput image, String message) {
    failures.add(new ImageFailure(image, message));
    sink.failed(image);
    progress.advanced(ProgressReporter.Step.FAILED);
  }

  private void saveIfDue() {
    if (now() - saved >= settings.saveEvery().toNanos()) {
      save(sink::save);
      saved = now();
    }
  }

  private Ending finish(Ending ending) {
    try {
      save(sink::finish);
      return ending;
    } catch (UncheckedIOException failure) {
      return ending instanceof Ending.Stopped
          ? ending
          : new Ending.Stopped(ImageLoader.messageOf(failure));
    }
  }

  private void save(Runnable saving) {
    long begun = now();
    try {
      saving.run();
    } finally {
      savingNanos += now() - begun;
    }
  }

  private long now() {
    return settings.nanoTime().getAsLong();
  }
}
