package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.RunPlan.RunSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import dev.vignette.captions.run.CaptionWorkers.CaptionWorker;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
