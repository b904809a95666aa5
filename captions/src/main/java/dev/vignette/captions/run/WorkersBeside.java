package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.SharedRun.RunFeed;
import dev.vignette.files.sentences.FailureText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The workers of a run beside the first. Each is opened, used and closed on a thread of its own:
 * all of them at the same time, while the first is being opened too, and then they wait for the run
 * to begin.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
final class WorkersBeside<P> implements AutoCloseable {
  private final CaptionWorkers<P> workers;
  private final CompletableFuture<Optional<Begun<P>>> begun = new CompletableFuture<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Queue<String> notes = new ConcurrentLinkedQueue<>();
  private final List<CompletableFuture<Void>> opened = new ArrayList<>();
  private final List<CompletableFuture<Void>> ended = new ArrayList<>();

  private record Begun<P>(SharedRun run, Prefetcher<P> images, int share) {}

  /**
   * Starts to open them.
   *
   * @param count of all workers of the run, the first included
   */
  WorkersBeside(CaptionWorkers<P> workers, int count) {
    this.workers = workers;
    for (int worker = 1; worker < count; worker++) {
      int number = worker;
      CompletableFuture<Void> isOpen = new CompletableFuture<>();
      opened.add(isOpen);
      ended.add(
          CompletableFuture.runAsync(
              () -> work(number, isOpen),
              work -> Thread.ofPlatform().name("vignette-worker-" + number).start(work)));
    }
  }

  /**
   * Opens the first worker on the calling thread. Where it cannot be opened beside the others, such
   * as for want of memory, they are given up and it is tried alone.
   */
  CaptionWorker<P> openFirst() {
    try {
      return workers.open(0);
    } catch (RuntimeException failure) {
      if (ended.isEmpty()) {
        throw failure;
      }
      close();
      CaptionWorker<P> alone = workers.open(0);
      notes.clear();
      notes.add(
          "%d workers cannot be opened beside each other, and the run goes on with one: %s"
              .formatted(ended.size() + 1, FailureText.of(failure)));
      return alone;
    }
  }

  /** Waits until each is open, or cannot be. */
  void awaitOpen() {
    awaitAll(opened);
  }

  /** Waits, whoever interrupts. */
  private static void awaitAll(List<CompletableFuture<Void>> futures) {
    CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)).join();
  }

  /**
   * Lets them caption what the first worker captions too.
   *
   * @param share images that each has in hand at most, at least 1
   */
  void begin(SharedRun run, Prefetcher<P> images, int share) {
    notes.forEach(run::note);
    if (!failures.isEmpty()) {
      run.abort();
    }
    begun.complete(Optional.of(new Begun<>(run, images, share)));
  }

  /** Waits until they have ended, those that never began at once. */
  @Override
  public void close() {
    begun.complete(Optional.empty());
    awaitAll(ended);
  }

  /** Throws what one of them failed with. */
  void rethrow() {
    switch (failures.peek()) {
      case null -> {}
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  private void work(int number, CompletableFuture<Void> isOpen) {
    Optional<CaptionWorker<P>> own = open(number);
    isOpen.complete(null);
    if (own.isEmpty()) {
      return;
    }
    Optional<Begun<P>> run = begun.join();
    try (CaptionWorker<P> worker = own.get()) {
      run.ifPresent(begin ->
          new WorkerLoop<>(worker, new RunFeed<>(begin.run(), begin.images()))
              .caption(begin.share()));
    } catch (RuntimeException | Error failure) {
      failures.add(failure);
      run.ifPresent(begin -> begin.run().abort());
    }
  }

  /** Empty where it cannot be opened, such as for want of memory: it is missed only. */
  private Optional<CaptionWorker<P>> open(int number) {
    try {
      return Optional.of(workers.open(number));
    } catch (RuntimeException failure) {
      notes.add(
          "Worker %d cannot be opened, and the run goes on without it: %s"
              .formatted(number + 1, FailureText.of(failure)));
    } catch (Error failure) {
      failures.add(failure);
    }
    return Optional.empty();
  }
}
