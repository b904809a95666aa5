package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import dev.vignette.captions.run.RunPlan.RunSettings;
import dev.vignette.images.RgbImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class OpeningWorkersTest {
  private static final int COUNT = 12;

  private static final int WORKERS = 3;

  @TempDir Path folder;
  private Path images;
  private RunOutput.Saved files;

  @BeforeEach
  void makeImages() {
    images = Pictures.writeMany(folder.resolve("images"), COUNT);
    files = Runs.output(folder.resolve("predictions.json"));
  }

  /** Three workers that do something while they are being opened. */
  private abstract static class Opening extends ManyAtOnceCaptioner {
    final Set<Integer> open = ConcurrentHashMap.newKeySet();
    final AtomicInteger attempts = new AtomicInteger();

    Opening() {
      super(WORKERS, 2);
    }

    abstract void opening(int number);

    @Override
    public final CaptionWorker<Integer> open(int number) {
      attempts.incrementAndGet();
      opening(number);
      CaptionWorker<Integer> worker = super.open(number);
      open.add(number);
      return new CaptionWorker<>() {
        @Override
        public int capacity() {
          return worker.capacity();
        }

        @Override
        public void submit(CaptionTask<Integer> task, Listener listener) {
          worker.submit(task, listener);
        }

        @Override
        public boolean step() {
          return worker.step();
        }

        @Override
        public void cancel(CaptionTask<Integer> task) {
          worker.cancel(task);
        }

        @Override
        public void close() {
          worker.close();
          open.remove(number);
        }
      };
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void allWorkersOpenAtTheSameTimeBeforeTheRunsClockStarts() {
    CyclicBarrier all = new CyclicBarrier(WORKERS);
    AtomicLong clock = new AtomicLong();
    Opening opening =
        new Opening() {
          @Override
          void opening(int number) {
            await(all);
            clock.addAndGet(Duration.ofHours(1).toNanos());
          }
        };
    RunSettings usual = RunSettings.defaults();
    RunSettings settings =
        new RunSettings(
            usual.reading(),
            2,
            4,
            usual.saveEvery(),
            usual.failuresInARow(),
            clock::get,
            usual.clock());

    RunResult result = Runs.run(opening, Runs.folder(images), files, settings, new StopSignal());

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.notes()).isEmpty();
    assertThat(result.timings().totalNanos()).isZero();
    assertThat(opening.open).isEmpty();
  }

  private void assertThatAllIsCaptionedAndSaid(Opening opening, String... said) {
    RunResult result = Runs.run(opening, Runs.folder(images), files);
    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.notes()).singleElement().asString().contains(said);
    assertThat(opening.open).isEmpty();
  }

  /** As many as two batches of each worker hold. */
  @Test
  void imagesAreReadWhileWorkersAreBeingOpened() {
    CountDownLatch read = new CountDownLatch(2 * 2 * WORKERS);
    Opening opening =
        new Opening() {
          @Override
          public Integer prepare(RgbImage image) {
            Integer prepared = super.prepare(image);
            read.countDown();
            return prepared;
          }

          @Override
          void opening(int number) {
            await(read);
          }
        };

    RunResult result = Runs.run(opening, Runs.folder(images), files);

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(read.getCount()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1300, 6, 48, 44", // five rounds: six batches of 48 are four rounds, and half of a fifth
    "1300, 3, 48, 44",
    "1280, 3, 48, 48",
    "256, 6, 48, 43",
    "256, 3, 48, 43",
    "5, 6, 48, 1",
    "49, 1, 48, 48", // alone there is nobody to wait for
    "1000000, 6, 48, 48",
  })
  void imagesAreSharedOutInEqualRounds(int images, int workers, int capacity, int share) {
    assertThat(CaptionRun.share(images, workers, capacity)).isEqualTo(share);
  }

  @Test
  void workersHaveNoMoreInHandThanTheirShare() {
    ManyAtOnceCaptioner three = new ManyAtOnceCaptioner(WORKERS, 10);

    RunResult result = Runs.run(three, Runs.folder(images), files);

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(three.sizes)
        .allSatisfy(size -> assertThat(size).isLessThanOrEqualTo(COUNT / WORKERS));
  }

  @Test
  void aFirstWorkerWithoutRoomBesideTheOthersIsTriedAlone() {
    Opening opening =
        new Opening() {
          @Override
          void opening(int number) {
            if (number == 0 && attempts.get() <= WORKERS) {
              while (open.size() < WORKERS - 1) {
                Thread.onSpinWait();
              }
              throw new IllegalStateException("out of device memory");
            }
          }
        };

    assertThatAllIsCaptionedAndSaid(
        opening, "3 workers", "goes on with one", "out of device memory");
  }

  @Test
  void aFirstWorkerThatCannotBeOpenedAloneEndsTheRunAndClosesTheOthers() {
    Opening opening =
        new Opening() {
          @Override
          void opening(int number) {
            if (number == 0) {
              throw new IllegalStateException("no such device");
            }
          }
        };

    assertThatThrownBy(() -> Runs.run(opening, Runs.folder(images), files))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no such device");
    assertThat(opening.open).isEmpty();
  }

  @Test
  void aWorkerBesideTheFirstThatCannotBeOpenedIsMissedOnly() {
    Opening opening =
        new Opening() {
          @Override
          void opening(int number) {
            if (number == 2) {
              throw new IllegalStateException("out of device memory");
            }
          }
        };

    assertThatAllIsCaptionedAndSaid(opening, "Worker 3 cannot be opened", "out of device memory");
  }

  /** Opens its first worker, and throws for the second. */
  private static ManyAtOnceCaptioner withoutASecondWorker(Runnable throwing) {
    return new ManyAtOnceCaptioner(2, 1) {
      @Override
      public CaptionWorker<Integer> open(int number) {
        if (number == 1) {
          throwing.run();
        }
        return super.open(number);
      }
    };
  }

  @Test
  void aSecondWorkerThatCannotBeOpenedIsSaidAndMissedOnly() {
    ManyAtOnceCaptioner many =
        withoutASecondWorker(() -> {
          throw new IllegalStateException("no memory for a second context");
        });
    List<String> said = Collections.synchronizedList(new ArrayList<>());
    ProgressReporter progress =
        new ProgressReporter() {
          @Override
          public void started(int total) {}

          @Override
          public void advanced(Step step) {}

          @Override
          public void note(String sentence) {
            said.add(sentence);
          }

          @Override
          public void close() {}
        };
    RunPlan plan = new RunPlan(Runs.folder(images), files, RunSettings.defaults(), false);

    RunResult result = new CaptionRun<>(many, plan, progress, new StopSignal()).run();

    assertThat(result.captioned()).isEqualTo(COUNT);
    assertThat(result.exitCode()).isZero();
    assertThat(said)
        .containsExactly(
            "Worker 2 cannot be opened, and the run goes on without it: no memory for a second context");
    assertThat(result.troubles(files)).as("said by --quiet too").isEqualTo(said);
  }

  @Test
  void anErrorOfOneWorkerEndsTheRunOfAll() {
    ManyAtOnceCaptioner many =
        withoutASecondWorker(() -> {
          throw new OutOfMemoryError("no heap");
        });

    assertThatThrownBy(() -> Runs.run(many, Runs.folder(images), files)).hasMessage("no heap");
  }
}
