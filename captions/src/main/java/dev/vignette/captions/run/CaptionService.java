package dev.vignette.captions.run;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.WorkerLoop.WorkFeed;
import dev.vignette.files.sentences.FailureText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A model that is there for many askers at once, such as the tasks of a Spark executor: each hands
 * in images from a thread of its own, and the workers decode those of all together. An image that
 * fails among others is tried again, until it fails alone.
 *
 * <p>A model that fails on its own, or on many images in a row, is broken: whoever waits and
 * whoever comes is told so.
 *
 * @param <P> what {@link CaptionWorkers#prepare} makes of an image
 */
public final class CaptionService<P> implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CaptionService.class.getName());

  private final CaptionWorkers<P> workers;
  private final int mostFailuresInARow;
  private final List<CompletableFuture<Void>> ended = new ArrayList<>();

  // Guarded by this.
  private final Deque<Asked<P>> waiting = new ArrayDeque<>();
  private int opening;
  private int capacity;
  private int failuresInARow;
  private boolean closing;
  private @Nullable Throwable notOpened;
  private @Nullable Throwable broken;

  /** An image, and who waits for its captions. */
  private record Asked<P>(CaptionTask<P> task, CompletableFuture<List<CaptionDetails>> answer) {}

  private CaptionService(CaptionWorkers<P> workers, int mostFailuresInARow) {
    this.workers = workers;
    this.mostFailuresInARow = mostFailuresInARow;
    this.opening = workers.count();
  }

  /**
   * Opens all workers, each on a thread of its own. One that cannot be opened is missed if another
   * can.
   *
   * @param workers stay the caller's; what they stand on is closed after this service
   * @param mostFailuresInARow after how many images in a row that the model fails on it is broken,
   *     at least 1
   * @throws RuntimeException if no worker can be opened, as the first says
   */
  public static <P> CaptionService<P> start(CaptionWorkers<P> workers, int mostFailuresInARow) {
    CaptionService<P> service = new CaptionService<>(workers, mostFailuresInARow);
    for (int number = 0; number < workers.count(); number++) {
      service.startWorker(number);
    }
    service.awaitOpened();
    return service;
  }

  private void startWorker(int number) {
    ended.add(
        CompletableFuture.runAsync(
            () -> {
              try {
                work(number);
              } catch (RuntimeException | Error failure) {
                breakDown(failure);
              }
            },
            work -> Thread.ofPlatform().daemon().name("vignette-service-" + number).start(work)));
  }

  private synchronized void awaitOpened() {
    awaitThat(() -> opening == 0);
    if (capacity == 0) {
      switch (broken) {
        case RuntimeException own -> throw own;
        case Error own -> throw own;
        case null, default -> throw new IllegalStateException("no worker was opened", broken);
      }
    }
  }

  /** Waits, whoever interrupts, until this is so; this thread has the monitor. */
  private synchronized void awaitThat(BooleanSupplier condition) {
    boolean interrupted = false;
    while (!condition.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(int number) {
    CaptionWorker<P> opened;
    try {
      opened = workers.open(number);
    } catch (RuntimeException | Error failure) {
      notOpened(number, failure);
      return;
    }
    try (CaptionWorker<P> worker = opened) {
      opened(worker.capacity());
      Feed feed = new Feed();
      try {
        while (awaitImages()) {
          new WorkerLoop<>(worker, feed).caption(Integer.MAX_VALUE);
        }
      } catch (RuntimeException | Error failure) {
        breakDown(failure);
      }
      feed.giveUp(reason());
    }
  }

  private synchronized void opened(int images) {
    capacity += images;
    opening--;
    notifyAll();
  }

  private synchronized void notOpened(int number, Throwable failure) {
    LOG.log(System.Logger.Level.WARNING, "Worker %d cannot be opened".formatted(number), failure);
    notOpened = notOpened == null ? failure : notOpened;
    opening--;
    if (opening == 0 && capacity == 0) {
      broken = notOpened;
    }
    notifyAll();
  }

  /** Tells all who wait that the model is broken. */
  private void breakDown(Throwable failure) {
    List<Asked<P>> told;
    ModelLostException reason;
    synchronized (this) {
      broken = broken == null ? failure : broken;
      reason = reason();
      told = List.copyOf(waiting);
      waiting.clear();
      notifyAll();
    }
    told.forEach(asked -> asked.answer.completeExceptionally(reason));
  }

  private synchronized ModelLostException reason() {
    return switch (broken) {
      case null -> new ModelLostException("The model is closed.", null);
      case ModelLostException known -> known;
      case Throwable failure ->
          new ModelLostException("The model is broken: " + failure.getMessage(), failure);
    };
  }

  /** Waits until there are images; returns false when there will be none any more. */
  private synchronized boolean awaitImages() {
    awaitThat(() -> !waiting.isEmpty() || isOver());
    return !isOver();
  }

  private synchronized boolean isOver() {
    return closing || broken != null;
  }

  /** Returns how many images the workers have in hand at once: so many are worth handing in. */
  public synchronized int capacity() {
    return capacity;
  }

  /**
   * Hands an image in.
   *
   * @return its captions, one a setting of the task; what the model failed with; or a {@link
   *     ModelLostException}, which is not the image's fault. Whoever cancels it no longer waits,
   *     and the image is given up.
   */
  public CompletableFuture<List<CaptionDetails>> submit(CaptionTask<P> task) {
    CompletableFuture<List<CaptionDetails>> answer = new CompletableFuture<>();
    synchronized (this) {
      if (!isOver()) {
        waiting.add(new Asked<>(task, answer));
        notifyAll();
        return answer;
      }
    }
    answer.completeExceptionally(reason());
    return answer;
  }

  /** Ends the workers; whoever waits is told that the model is closed. */
  @Override
  public void close() {
    List<Asked<P>> told;
    synchronized (this) {
      closing = true;
      told = List.copyOf(waiting);
      waiting.clear();
      notifyAll();
    }
    ModelLostException reason = reason();
    told.forEach(asked -> asked.answer.completeExceptionally(reason));
    CompletableFuture.allOf(ended.toArray(CompletableFuture<?>[]::new)).join();
  }

  /** Counts what the model fails on; after too many in a row it is broken. */
  private void count(RuntimeException failure) {
    synchronized (this) {
      failuresInARow++;
      if (failuresInARow < mostFailuresInARow) {
        return;
      }
    }
    breakDown(
        new ModelLostException(
            "The model failed on %d images in a row, the last time with: %s"
                .formatted(mostFailuresInARow, FailureText.of(failure)),
            failure));
  }

  private synchronized void succeeded() {
    failuresInARow = 0;
  }

  /** What one worker takes from the queue, and whom it answers. */
  private final class Feed implements WorkFeed<P, Asked<P>> {
    private final Set<Asked<P>> begun = Collections.newSetFromMap(new IdentityHashMap<>());

    @Override
    public Optional<Asked<P>> next() {
      synchronized (CaptionService.this) {
        return Optional.ofNullable(waiting.poll());
      }
    }

    @Override
    public CaptionTask<P> task(Asked<P> image) {
      return image.task;
    }

    @Override
    public boolean goesOn() {
      return !isOver();
    }

    @Override
    public boolean isStopped() {
      return isOver();
    }

    @Override
    public boolean isWanted(Asked<P> image) {
      return !image.answer.isDone();
    }

    @Override
    public boolean begin(Asked<P> image) {
      if (!isWanted(image)) {
        begun.remove(image);
        return false;
      }
      begun.add(image);
      return true;
    }

    /** It stays begun where it is tried again, until it is answered. */
    @Override
    public void release(Asked<P> image) {
      if (!isWanted(image)) {
        begun.remove(image);
      }
    }

    @Override
    public void captioning(Runnable step) {
      step.run();
    }

    @Override
    public void captioned(Asked<P> image, List<CaptionDetails> captions) {
      begun.remove(image);
      succeeded();
      if (captions.stream().anyMatch(CaptionDetails::saysNothing)) {
        image.answer.completeExceptionally(
            new IllegalStateException(RunLedger.nothingSaid(image.task.image(), "")));
      } else {
        image.answer.complete(captions);
      }
    }

    @Override
    public void failed(Asked<P> image, RuntimeException reason) {
      begun.remove(image);
      image.answer.completeExceptionally(reason);
      count(reason);
    }

    /** Tells all whose images this worker had. */
    void giveUp(RuntimeException reason) {
      begun.forEach(asked -> asked.answer.completeExceptionally(reason));
      begun.clear();
    }
  }
}
