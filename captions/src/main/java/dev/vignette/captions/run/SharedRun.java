package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.Prefetcher.Prefetched;
import dev.vignette.captions.run.RunResult.Outcome;
import dev.vignette.captions.run.RunResult.RunStatus;
import dev.vignette.captions.run.RunResult.RunTimings;
import dev.vignette.captions.run.WorkerLoop.WorkFeed;
import dev.vignette.files.sentences.FailureText;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the workers of a run share: where images come from and what comes of them goes, the count,
 * and whether to go on. Its methods may be called by several threads.
 */
final class SharedRun {
  private final RunLedger ledger;
  private final RunPlan plan;
  private final ProgressReporter progress;
  private final StopSignal stop;
  private final Supplier<Optional<String>> modelChanged;
  private final Object source = new Object();

  // Guarded by this.
  private final List<Outcome.Failed> failures = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int captioned;
  private int reused;
  private int writtenByHand;
  private int failuresInARow;
  private long waitingNanos;
  private long captioningNanos;
  private long savingNanos;
  private long saved;
  private volatile RunStatus.@Nullable Stopped stopped;
  private volatile boolean aborted;

  /**
   * A run that nobody works at yet.
   *
   * @param modelChanged as {@link CaptionWorkers#changed}
   */
  SharedRun(
      RunLedger ledger,
      RunPlan plan,
      ProgressReporter progress,
      StopSignal stop,
      Supplier<Optional<String>> modelChanged) {
    this.modelChanged = modelChanged;
    this.ledger = ledger;
    this.plan = plan;
    this.progress = progress;
    this.stop = stop;
    this.saved = now();
  }

  /** Returns whether more images are to be taken in hand. */
  boolean goesOn() {
    return !isStopped() && !stop.requested();
  }

  /** Returns whether nothing more can be kept, so that even those in hand are in vain. */
  boolean isStopped() {
    return aborted || stopped != null;
  }

  /** Ends the run on all threads, since one of them failed. */
  void abort() {
    aborted = true;
  }

  /** Says a sentence on how the run goes on. */
  synchronized void note(String sentence) {
    notes.add(sentence);
    progress.note(sentence);
  }

  /** Returns the next image to caption, and settles those before it that need no captioning. */
  <P> Optional<Prefetched.Ready<P>> next(Prefetcher<P> images) {
    while (goesOn()) {
      Prefetched<P> image;
      synchronized (source) {
        if (!images.hasNext()) {
          return Optional.empty();
        }
        long begun = now();
        image = images.next();
        waited(now() - begun);
      }
      switch (image) {
        case Prefetched.Ready<P> ready -> {
          return Optional.of(ready);
        }
        case Prefetched.Done<P> done -> settle(() -> ledger.reused(done));
        case Prefetched.Refused<P> refused -> settle(() -> ledger.refused(refused));
        case Prefetched.Unreadable<P>(ImageInput input, String message) ->
            settle(() -> ledger.unreadable(input, message));
        case Prefetched.Unreached<P>(ImageInput input, String message) ->
            settle(() -> ledger.unreached(input, message));
      }
    }
    return Optional.empty();
  }

  private synchronized void waited(long nanos) {
    waitingNanos += nanos;
  }

  /** Notes that the model is given an image; returns whether it could be noted. */
  synchronized boolean begin(Prefetched.Ready<?> image) {
    return keep(() -> ledger.begin(image));
  }

  /** Notes that the model has an image no more. */
  synchronized void release(Prefetched.Ready<?> image) {
    keep(() -> ledger.release(image));
  }

  /** Lets a worker go on, by the clock. */
  void captioning(Runnable step) {
    long begun = now();
    try {
      step.run();
    } finally {
      synchronized (this) {
        captioningNanos += now() - begun;
      }
    }
  }

  /** Keeps the captions of an image. */
  void captioned(Prefetched.Ready<?> image, List<CaptionDetails> captions) {
    Optional<String> changed = modelChanged.get();
    synchronized (this) {
      failuresInARow = 0;
      if (changed.isPresent()) {
        stopped = stopped == null ? new RunStatus.Stopped(changed.get()) : stopped;
        release(image);
        return;
      }
    }
    settle(() -> ledger.captioned(image, captions));
  }

  /** Keeps that the model failed on an image. */
  synchronized void failed(Prefetched.Ready<?> image, RuntimeException reason) {
    String message = FailureText.of(reason);
    settle(() -> ledger.failed(image.image(), image.lacking(), message));
    failuresInARow++;
    if (failuresInARow >= plan.settings().failuresInARow() && stopped == null) {
      stopped =
          new RunStatus.Stopped(
              "The model failed on %d images in a row, the last time with: %s"
                  .formatted(failuresInARow, message));
    }
  }

  private synchronized void settle(Supplier<Outcome> keeping) {
    Outcome[] outcome = new Outcome[1];
    Runnable keepIt = () -> outcome[0] = keeping.get();
    boolean kept =
        keep(
            plan.output() instanceof RunOutput.Printed
                ? () -> progress.whilePrinting(keepIt)
                : keepIt);
    if (kept) {
      count(outcome[0]);
      if (now() - saved >= plan.settings().saveEvery().toNanos()) {
        keep(ledger::save);
        saved = now();
      }
    }
  }

  private void count(Outcome outcome) {
    switch (outcome) {
      case Outcome.Captioned _ -> captioned++;
      case Outcome.Reused _ -> reused++;
      case Outcome.WrittenByHand _ -> writtenByHand++;
      case Outcome.Failed failure -> failures.add(failure);
    }
    progress.advanced(
        switch (outcome) {
          case Outcome.Captioned _ -> ProgressReporter.Step.CAPTIONED;
          case Outcome.Reused _, Outcome.WrittenByHand _ -> ProgressReporter.Step.REUSED;
          case Outcome.Failed _ -> ProgressReporter.Step.FAILED;
        });
  }

  /** Writes by the clock; a failure stops the run. */
  private boolean keep(Runnable writing) {
    long begun = now();
    try {
      writing.run();
      return true;
    } catch (UncheckedIOException failure) {
      if (stopped == null) {
        stopped = new RunStatus.Stopped(FailureText.of(failure));
      }
      return false;
    } finally {
      savingNanos += now() - begun;
    }
  }

  /** Saves for the last time, and sums up a run that began at {@code begun} by its clock. */
  synchronized RunResult finish(long begun) {
    List<ImageInput> images = plan.inputs().images();
    boolean all = captioned + reused + writtenByHand + failures.size() == images.size();
    boolean kept = keep(ledger::save);
    keep(() -> ledger.finish(all ? images : List.of()));
    RunStatus status = stopped;
    if (status == null) {
      status = all ? new RunStatus.Completed() : new RunStatus.Interrupted();
    }
    List<Outcome.Failed> listed = new ArrayList<>(plan.inputs().failures());
    listed.addAll(inOrder(failures, images));
    if (ledger.edited() > 0) {
      note(
          "Kept: %d captions that somebody wrote into the output while this run went on."
              .formatted(ledger.edited()));
    }
    RunTimings timings = new RunTimings(now() - begun, waitingNanos, captioningNanos, savingNanos);
    return new RunResult(
        images.size() + plan.inputs().failures().size(),
        captioned,
        reused,
        writtenByHand,
        ledger.others(),
        ledger.sidecarsLeft(),
        ledger.sidecarsBlocked(),
        kept,
        listed,
        notes,
        status,
        timings);
  }

  private static List<Outcome.Failed> inOrder(
      List<Outcome.Failed> failures, List<ImageInput> images) {
    Map<ImageInput, Integer> places = new HashMap<>();
    for (ImageInput image : images) {
      places.put(image, places.size());
    }
    return failures.stream()
        .sorted(Comparator.comparingInt(failure -> places.getOrDefault(failure.image(), 0)))
        .toList();
  }

  private long now() {
    return plan.settings().nanoTime().getAsLong();
  }

  /** Gives the images of a run to one of its workers, and what comes of them to the run. */
  record RunFeed<P>(SharedRun run, Prefetcher<P> images)
      implements WorkFeed<P, Prefetched.Ready<P>> {

    @Override
    public Optional<Prefetched.Ready<P>> next() {
      return run.next(images);
    }

    @Override
    public CaptionTask<P> task(Prefetched.Ready<P> image) {
      return new CaptionTask<>(image.image(), image.pixels(), image.lacking());
    }

    @Override
    public boolean goesOn() {
      return run.goesOn();
    }

    @Override
    public boolean isStopped() {
      return run.isStopped();
    }

    /** A run wants all its images. */
    @Override
    public boolean isWanted(Prefetched.Ready<P> image) {
      return true;
    }

    @Override
    public boolean begin(Prefetched.Ready<P> image) {
      return run.begin(image);
    }

    @Override
    public void release(Prefetched.Ready<P> image) {
      run.release(image);
    }

    @Override
    public void captioning(Runnable step) {
      run.captioning(step);
    }

    @Override
    public void captioned(Prefetched.Ready<P> image, List<CaptionDetails> captions) {
      run.captioned(image, captions);
    }

    @Override
    public void failed(Prefetched.Ready<P> image, RuntimeException reason) {
      run.failed(image, reason);
    }
  }
}
