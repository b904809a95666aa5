package dev.vignette.captions.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.CaptionWorkers.CaptionTask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CaptionServiceTest {
  private static final int PATIENCE = 20;

  private static CaptionTask<Integer> task(int hash) {
    ImageInput image = new ImageInput(Path.of(hash + ".png"), Integer.toString(hash));
    return new CaptionTask<>(image, hash, List.of(CaptionWorkers.ONLY_SETTING));
  }

  private static String text(CompletableFuture<List<CaptionDetails>> answer) {
    return answer.join().getFirst().caption();
  }

  /** Waits with the first image in hand until it may go on. */
  private static HashCaptioner heldUp(int batch, CountDownLatch inHand, CountDownLatch goOn) {
    return new HashCaptioner(batch, "greedy")
        .before(_ -> {
          inHand.countDown();
          await(goOn);
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  @Test
  void imagesOfManyThreadsAreCaptionedTogether() throws Exception {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    HashCaptioner captioner = heldUp(8, inHand, goOn);
    try (CaptionService<Integer> service = CaptionService.start(captioner, PATIENCE);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      CompletableFuture<List<CaptionDetails>> first = service.submit(task(1000));
      inHand.await();
      List<Callable<CompletableFuture<List<CaptionDetails>>>> asking = new ArrayList<>();
      for (int hash : new int[] {0, 1, 2, 3, 10, 11, 12, 13}) {
        asking.add(() -> service.submit(task(hash)));
      }
      List<CompletableFuture<List<CaptionDetails>>> answers = new ArrayList<>();
      for (Future<CompletableFuture<List<CaptionDetails>>> one : threads.invokeAll(asking)) {
        answers.add(one.get());
      }
      goOn.countDown();

      assertThat(text(first)).contains("%08x".formatted(1000));
      assertThat(text(answers.getFirst())).contains("%08x".formatted(0));
      assertThat(text(answers.getLast())).contains("%08x".formatted(13));
      assertThat(captioner.calls).extracting(List::size).containsExactly(1, 8);
      assertThat(service.capacity()).isEqualTo(8);
    }
  }

  @Test
  void oneBadImageAmongOthersFailsAlone() {
    HashCaptioner captioner =
        new HashCaptioner(4, "greedy")
            .before(hashes -> {
              if (hashes.contains(2)) {
                throw new IllegalStateException("decode returned -3");
              }
            });
    try (CaptionService<Integer> service = CaptionService.start(captioner, PATIENCE)) {
      List<CompletableFuture<List<CaptionDetails>>> answers = new ArrayList<>();
      for (int hash = 0; hash < 6; hash++) {
        answers.add(service.submit(task(hash)));
      }

      for (int hash : new int[] {0, 1, 3, 4, 5}) {
        assertThat(text(answers.get(hash))).contains("%08x".formatted(hash));
      }
      assertThatThrownBy(answers.get(2)::join)
          .isInstanceOf(CompletionException.class)
          .hasRootCauseMessage("decode returned -3");
    }
  }

  @Test
  void aModelThatFailsAgainAndAgainIsLost() {
    HashCaptioner captioner =
        new HashCaptioner(1, "greedy")
            .before(_ -> {
              throw new IllegalStateException("no memory");
            });
    try (CaptionService<Integer> service = CaptionService.start(captioner, 3)) {
      List<CompletableFuture<List<CaptionDetails>>> answers = new ArrayList<>();
      for (int hash = 0; hash < 5; hash++) {
        answers.add(service.submit(task(hash)));
      }

      assertThatThrownBy(answers.get(0)::join).hasRootCauseMessage("no memory");
      assertThatThrownBy(answers.get(4)::join)
          .hasCauseInstanceOf(ModelLostException.class)
          .hasMessageContainingAll("3 images in a row", "no memory");
      assertThatThrownBy(() -> service.submit(task(9)).join())
          .hasCauseInstanceOf(ModelLostException.class);
    }
  }

  @Test
  void aModelThatCannotBeOpenedIsSaidAtOnce() {
    CaptionWorkers<Integer> none =
        new ManyAtOnceCaptioner(2, 1) {
          @Override
          public CaptionWorker<Integer> open(int number) {
            throw new UsageException("worker " + number + " lacks its file");
          }
        };

    assertThatThrownBy(() -> CaptionService.start(none, PATIENCE))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("lacks its file");
  }

  @Test
  void aWorkerThatCannotBeOpenedBesideAnotherIsMissedOnly() {
    CaptionWorkers<Integer> one =
        new ManyAtOnceCaptioner(2, 3) {
          @Override
          public CaptionWorker<Integer> open(int number) {
            if (number == 1) {
              throw new UsageException("no memory");
            }
            return super.open(number);
          }
        };

    try (CaptionService<Integer> service = CaptionService.start(one, PATIENCE)) {
      assertThat(service.capacity()).isEqualTo(3);
    }
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsNotCaptioned() throws Exception {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    HashCaptioner captioner = heldUp(1, inHand, goOn);
    try (CaptionService<Integer> service = CaptionService.start(captioner, PATIENCE)) {
      CompletableFuture<List<CaptionDetails>> first = service.submit(task(1));
      inHand.await();
      CompletableFuture<List<CaptionDetails>> second = service.submit(task(2));
      CompletableFuture<List<CaptionDetails>> third = service.submit(task(3));
      second.cancel(false);
      goOn.countDown();

      assertThat(text(third)).contains("%08x".formatted(3));
      assertThat(first).isCompleted();
      assertThat(captioner.calls).containsExactly(List.of(1), List.of(3));
    }
  }

  @Test
  void whoWaitsWhenTheModelIsClosedIsTold() throws Exception {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    HashCaptioner captioner = heldUp(1, inHand, goOn);
    CaptionService<Integer> service = CaptionService.start(captioner, PATIENCE);
    CompletableFuture<List<CaptionDetails>> inWork = service.submit(task(1));
    inHand.await();
    CompletableFuture<List<CaptionDetails>> waiting = service.submit(task(2));
    Thread closing = Thread.ofPlatform().start(service::close);

    assertThatThrownBy(waiting::join)
        .hasCauseInstanceOf(ModelLostException.class)
        .hasMessageContaining("closed");
    goOn.countDown();
    closing.join();
    assertThat(inWork).isDone();
    assertThatThrownBy(() -> service.submit(task(3)).join()).hasMessageContaining("closed");
  }

  @Test
  void anEmptyCaptionIsAFailureOfItsImageOnly() {
    HashCaptioner captioner = new HashCaptioner();
    captioner.saysNothingAt(0, false);
    try (CaptionService<Integer> service = CaptionService.start(captioner, 1)) {
      assertThatThrownBy(() -> service.submit(task(1)).join())
          .hasMessageContaining("said nothing about 1.png");
      assertThat(text(service.submit(task(2)))).contains("%08x".formatted(2));
    }
  }
}
