package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.llama.Batch.TokenBatch;
import dev.vignette.llama.ContextOptions.FlashAttention;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What is used in one thread while another closes it: an exception, and never a crash. */
class ClosedModelTest {
  private static final int ROUNDS = 10;
  private static final String TEXT = "A truck parked at night beside a red house. ".repeat(50);

  @Test
  void aVocabularyInUseWhileItsModelClosesEndsInASentence() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < ROUNDS; round++) {
        LlamaModel model = NativeTest.model();
        CountDownLatch begun = new CountDownLatch(2);
        List<Future<IllegalStateException>> users =
            List.of(
                threads.submit(using(begun, () -> model.vocabulary().tokenize(TEXT, true, false))),
                threads.submit(using(begun, () -> model.vocabulary().spelling(300))));
        begun.await();
        model.close();
        for (Future<IllegalStateException> user : users) {
          assertThat(user.get()).hasMessageContaining("losed");
        }
      }
    }
  }

  /** Calls until that throws; returns what it threw. */
  private static Callable<IllegalStateException> using(CountDownLatch begun, Runnable call) {
    return () -> {
      call.run();
      begun.countDown();
      while (true) {
        try {
          call.run();
        } catch (IllegalStateException e) {
          return e;
        }
      }
    };
  }

  @Test
  void aModelClosedBeforeItsContextServesTheContext() {
    LlamaModel model = NativeTest.model();
    try (LlamaContext context = new LlamaContext(model, NativeTest.context())) {
      model.close();
      try (TokenBatch batch = new TokenBatch(1)) {
        batch.add(1, 0, 0, true);
        context.decode(batch);
      }
      assertThat(context.lastPosition(0)).isZero();
    }
    assertThatThrownBy(() -> model.vocabulary().size()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aContextClosedWithinItsOwnDecodeStaysOpenAndSaysSo() {
    try (LlamaModel model = NativeTest.model();
        LlamaContext context =
            new LlamaContext(
                model,
                NativeTest.context().withFlashAttention(FlashAttention.OFF).withObservable(true));
        TokenBatch batch = new TokenBatch(1)) {
      batch.add(1, 0, 0, true);
      try (LlamaContext.Tap _ =
          context.tap((name, _) -> name.startsWith("kq_soft_max"), _ -> context.close())) {
        assertThatThrownBy(() -> context.decode(batch))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("within a call of its own");
      }
      context.clearMemory();
      batch.clear();
      batch.add(1, 0, 0, true);
      context.decode(batch);
      assertThat(context.lastPosition(0)).isZero();
    }
  }
}
