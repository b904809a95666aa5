package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.llama.Batch.TokenBatch;
import dev.vignette.llama.LlamaContext.DecodedLogits;
import dev.vignette.llama.Quantizer.QuantizationType;
import dev.vignette.llama.TensorSink.CopiedTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LlamaContextTest {

  private LlamaModel model;
  private LlamaContext context;
  private TokenBatch batch;
  private float[] logits;

  @BeforeEach
  void open() {
    model = NativeTest.model();
    context = new LlamaContext(model, NativeTest.context().withObservable(true));
    batch = new TokenBatch(64);
    logits = new float[model.vocabulary().size()];
  }

  @AfterEach
  void close() {
    batch.close();
    context.close();
    model.close();
  }

  private float[] logitsAfter(int[] tokens, int position, int sequence) {
    batch.clear();
    int row = batch.addAll(tokens, position, sequence, true);
    context.decode(batch);
    context.logits(row, logits);
    return logits.clone();
  }

  @Test
  void aCopiedSequenceContinuesAsTheOriginalWould() {
    int[] prompt = model.vocabulary().tokenize("USER: What", true, false);
    int[] next = model.vocabulary().tokenize("truck", false, false);
    logitsAfter(prompt, 0, 0);
    context.copySequence(0, 2);
    float[] original = logitsAfter(next, prompt.length, 0);
    float[] copy = logitsAfter(next, prompt.length, 2);
    assertThat(copy).usingComparatorWithPrecision(1e-3f).containsExactly(original);
    assertThat(context.lastPosition(2)).isEqualTo(prompt.length + next.length - 1);
    assertThat(context.lastPosition(1)).isEqualTo(-1);
  }

  @Test
  void sequencesWithMemoryOfTheirOwnContinueAsThoseThatShareItWould() {
    int[] prompt = model.vocabulary().tokenize("USER: What", true, false);
    int[] next = model.vocabulary().tokenize("truck", false, false);
    logitsAfter(prompt, 0, 0);
    float[] shared = logitsAfter(next, prompt.length, 0);
    try (LlamaContext streams =
        new LlamaContext(model, NativeTest.context().withSharedCells(false))) {
      batch.clear();
      batch.addAll(prompt, 0, 1, false);
      streams.decode(batch);
      streams.copySequence(1, 2);
      batch.clear();
      batch.addAll(next, prompt.length, 1, true);
      int row = batch.addAll(next, prompt.length, 2, true);
      streams.decode(batch);
      DecodedLogits both = streams.logits(new int[] {next.length - 1, row});
      for (int i = 0; i < both.count(); i++) {
        both.copy(i, logits);
        assertThat(logits).usingComparatorWithPrecision(1e-3f).containsExactly(shared);
      }
    }
  }

  @Test
  void logitsOfTheLastDecodeAreReadFromAnyThreadAndNoOthers() {
    int[] prompt = model.vocabulary().tokenize("USER: What", true, false);
    float[] expected = logitsAfter(prompt, 0, 0);
    DecodedLogits decoded = context.logits(new int[] {prompt.length - 1});
    float[] elsewhere = new float[expected.length];
    CompletableFuture.runAsync(() -> decoded.copy(0, elsewhere)).join();
    assertThat(elsewhere).containsExactly(expected);
    assertThatThrownBy(() -> context.logits(new int[] {0})).hasMessageContaining("not 0");
    assertThatThrownBy(() -> decoded.copy(0, new float[1])).hasMessageContaining("not 1");
    logitsAfter(new int[] {5}, prompt.length, 0);
    assertThatThrownBy(() -> decoded.copy(0, elsewhere))
        .hasMessageContaining("has decoded again since");
  }

  @Test
  void aShortenedSequenceForgets() {
    int[] prompt = model.vocabulary().tokenize("USER: What", true, false);
    float[] first = logitsAfter(prompt, 0, 0);
    context.removeSequence(0, 1, -1);
    assertThat(context.lastPosition(0)).isZero();
    float[] again = logitsAfter(java.util.Arrays.copyOfRange(prompt, 1, prompt.length), 1, 0);
    assertThat(again).usingComparatorWithPrecision(1e-3f).containsExactly(first);
  }

  @Test
  void keepingOneSequenceForgetsTheOthers() {
    logitsAfter(new int[] {1, 5, 6}, 0, 0);
    context.copySequence(0, 1);
    context.keepSequence(1);
    assertThat(context.lastPosition(0)).isEqualTo(-1);
    assertThat(context.lastPosition(1)).isEqualTo(2);
    context.clearMemory();
    assertThat(context.lastPosition(1)).isEqualTo(-1);
  }

  @Test
  void whatWouldEndTheProcessIsRefusedBeforeTheCall() {
    assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("1 to 256 rows");
    batch.add(768, 0, 0, true);
    assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("0 to 767");
    batch.clear();
    batch.add(1, 0, 4, true);
    assertThatThrownBy(() -> context.decode(batch)).hasMessageContaining("0 to 3");
    assertThatThrownBy(() -> context.copySequence(0, 4)).hasMessageContaining("0 to 3");
    assertThatThrownBy(() -> context.removeSequence(-1, 0, -1)).hasMessageContaining("0 to 3");
    assertThatThrownBy(() -> context.keepSequence(9)).hasMessageContaining("0 to 3");
    assertThatThrownBy(() -> context.lastPosition(4)).hasMessageContaining("0 to 3");
    assertThatThrownBy(() -> batch.add(-1, 0, 0, false)).hasMessageContaining("0 or more");
    assertThatThrownBy(() -> batch.add(1, -1, 0, false)).hasMessageContaining("0 or more");
  }

  @Test
  void logitsThatWereNotAskedForAreRefused() {
    batch.add(1, 0, 0, false);
    batch.add(5, 1, 0, true);
    context.decode(batch);
    assertThatThrownBy(() -> context.logits(0, logits)).hasMessageContaining("rows {1}, not 0");
    assertThatThrownBy(() -> context.logits(-1, logits)).hasMessageContaining("not -1");
    assertThatThrownBy(() -> context.logits(1, new float[3])).hasMessageContaining("768 floats");
    context.logits(1, logits);
  }

  @Test
  void aFullContextIsAnExceptionWithBothNumbers() {
    try (LlamaContext small = new LlamaContext(model, ContextOptions.ofLength(256).withThreads(1));
        TokenBatch rows = new TokenBatch(200)) {
      rows.addAll(new int[200], 0, 0, false);
      small.decode(rows);
      rows.clear();
      rows.addAll(new int[200], 200, 0, false);
      assertThatThrownBy(() -> small.decode(rows))
          .isInstanceOf(LlamaException.class)
          .hasMessageContaining("200 more tokens do not fit the context of 256");
    }
  }

  @Test
  void positionsThatDoNotFollowAreAnException() {
    logitsAfter(new int[] {1, 5}, 0, 0);
    assertThatThrownBy(() -> logitsAfter(new int[] {7}, 9, 0)).isInstanceOf(LlamaException.class);
  }

  @Test
  void anotherThreadIsRefused() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread other =
        Thread.ofPlatform()
            .name("other")
            .start(() -> {
              try {
                context.clearMemory();
              } catch (IllegalStateException e) {
                thrown.set(e);
              }
            });
    other.join();
    assertThat(thrown.get()).hasMessageContaining("was used by 'other'");
  }

  @Test
  void useAfterCloseIsAnException() {
    context.close();
    assertThatThrownBy(context::clearMemory)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    batch.close();
    assertThatThrownBy(() -> batch.add(1, 0, 0, false)).hasMessageContaining("is closed");
    model.close();
    assertThatThrownBy(() -> model.layerCount()).hasMessageContaining("is closed");
    assertThatThrownBy(() -> model.vocabulary().size()).hasMessageContaining("is closed");
    context.close();
    model.close();
  }

  @Test
  void aModelMayBeClosedBeforeItsContext() {
    model.close();
    logitsAfter(new int[] {1, 5}, 0, 0);
    assertThat(logits).isNotEqualTo(new float[logits.length]);
  }

  @Test
  void aTapCopiesTheTensorsItNames() {
    List<CopiedTensor> seen = new ArrayList<>();
    try (LlamaContext.Tap _ =
        context.tap((name, operation) -> name.equals("result_output"), seen::add)) {
      logitsAfter(new int[] {1, 5, 6}, 0, 0);
    }
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().shape()).containsExactly(768, 1, 1, 1);
    assertThat(seen.getFirst().values()).containsExactly(logits);
    logitsAfter(new int[] {7}, 3, 0);
    assertThat(seen).hasSize(1);
  }

  @Test
  void whatATapThrowsIsThrownByTheDecode() {
    try (LlamaContext.Tap _ =
        context.tap(
            (name, operation) -> name.equals("result_output"),
            tensor -> {
              throw new IllegalArgumentException("from the sink");
            })) {
      assertThatThrownBy(() -> logitsAfter(new int[] {1, 5}, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("from the sink");
    }
    context.clearMemory();
    logitsAfter(new int[] {1, 5}, 0, 0);
  }

  @Test
  void aContextThatIsNotObservableHasNoTap() {
    try (LlamaContext plain = new LlamaContext(model, NativeTest.context())) {
      assertThatThrownBy(() -> plain.tap((name, operation) -> true, tensor -> {}))
          .hasMessageContaining("not observable");
    }
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> NativeTest.context().withThreads(0)).hasMessageContaining("1 to 512");
    assertThatThrownBy(() -> NativeTest.context().withMaxSequences(257))
        .hasMessageContaining("1 to 256");
    assertThatThrownBy(() -> ContextOptions.ofLength(2).withMaxSequences(3))
        .hasMessageContaining("maxSequences is 1 to 2, not 3");
    assertThatThrownBy(() -> ContextOptions.ofLength(0)).hasMessageContaining("not 0");
    assertThatThrownBy(() -> DeviceRequest.parse("tpu")).hasMessageContaining("'tpu'");
    assertThatThrownBy(() -> QuantizationType.parse("Q9")).hasMessageContaining("Q4_K_M");
  }

  @Test
  void theSmallestContextsThatOptionsAllowAreMade() {
    for (int length : new int[] {1, 2, 3}) {
      ContextOptions options = ContextOptions.ofLength(length).withThreads(1);
      try (LlamaContext least = new LlamaContext(model, options.withMaxSequences(length))) {
        assertThat(least.contextLength()).isGreaterThanOrEqualTo(length);
      }
    }
  }
}
