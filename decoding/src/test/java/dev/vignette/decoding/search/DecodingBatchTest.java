package dev.vignette.decoding.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.InvalidLogitsException;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.CaptionSearch.LogitRows;
import dev.vignette.decoding.search.Ticket.TokenListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver of batches, with a made-up model. */
class DecodingBatchTest {

  private static final int VOCABULARY = 40;
  private static final long UNREADABLE = -1;
  private static final long NOT_NUMBERS = 1000;
  private static final EndCondition END =
      new EndCondition(new int[] {0}, List.of(), tokens -> Arrays.toString(tokens));

  private static CaptionSearch search(int tokens, int beams) {
    GenerationConfig config =
        GenerationConfig.builder()
            .maxNewTokens(tokens)
            .minNewTokens(tokens)
            .numBeams(beams)
            .build();
    return CaptionSearch.of(config, new int[0], VOCABULARY, END);
  }

  private static Hypothesis alone(long prompt, int tokens, int beams) {
    try (TableModel model = new TableModel(VOCABULARY, 1)) {
      return model.await(model.submit(prompt, search(tokens, beams), TokenListener.NONE));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 50})
  void promptsThatJoinAndLeaveGetWhatTheyGetAlone(int places) {
    try (TableModel model = new TableModel(VOCABULARY, places)) {
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        tickets.add(model.submit(i + 1L, search(1 + i % 9, 1 + i % 4), TokenListener.NONE));
      }
      model.finish();
      for (int i = 0; i < 50; i++) {
        assertThat(tickets.get(i).hypothesis()).isEqualTo(alone(i + 1L, 1 + i % 9, 1 + i % 4));
      }
      assertThat(model.taken).isEmpty();
    }
  }

  @Test
  void aShortTextLeavesAndTheNextJoinsWhileALongOneGoesOn() {
    try (TableModel model = new TableModel(VOCABULARY, 2)) {
      Ticket longest = model.submit(1L, search(20, 1), TokenListener.NONE);
      List<Ticket> others = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        others.add(model.submit(2L + i, search(2, 1), TokenListener.NONE));
      }
      while (!others.getLast().isDone()) {
        assertThat(longest.isDone()).isFalse();
        model.step();
      }
      assertThat(model.steps()).isEqualTo(20);
      assertThat(model.rows()).isEqualTo(40);
    }
  }

  @Test
  void raggedTextsKeepABatchFull() {
    int places = 16;
    Random random = new Random(11);
    try (TableModel model = new TableModel(VOCABULARY, places)) {
      for (int i = 0; i < 256; i++) {
        model.submit(i + 1L, search(5 + random.nextInt(56), 1), TokenListener.NONE);
      }
      model.finish();
      assertThat((double) model.rows() / (model.steps() * places)).isGreaterThanOrEqualTo(0.9);
    }
  }

  @Test
  void aPromptThatCannotBeReadFailsAlone() {
    try (TableModel model = new TableModel(VOCABULARY, 3)) {
      Ticket good = model.submit(1L, search(5, 2), TokenListener.NONE);
      Ticket bad = model.submit(UNREADABLE, search(5, 1), TokenListener.NONE);
      model.finish();
      assertThat(good.hypothesis()).isEqualTo(alone(1, 5, 2));
      assertThat(bad.isDone()).isTrue();
      assertThatThrownBy(bad::hypothesis).hasMessage("prompt -1 cannot be read");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void logitsThatAreNotNumbersAreAFailureThatNamesTheModel(int beams) {
    try (TableModel model = new TableModel(VOCABULARY, 2)) {
      Ticket bad = model.submit(NOT_NUMBERS, search(5, beams), TokenListener.NONE);
      Ticket read =
          model.submit(
              NOT_NUMBERS, CaptionSearch.following(new int[] {3}, VOCABULARY), TokenListener.NONE);
      model.finish();
      for (Ticket ticket : List.of(bad, read)) {
        assertThatThrownBy(ticket::hypothesis)
            .isInstanceOf(InvalidLogitsException.class)
            .hasMessageStartingWith("the table computes logits that are not numbers");
      }
    }
  }

  @Test
  void infiniteLogitsAreAFailureAndForbiddenTokensAreNone() {
    LogSoftmax softmax = new LogSoftmax(3);
    LogitRows rows =
        new LogitRows() {
          @Override
          public String model() {
            return "the model 'x'";
          }

          @Override
          public void read(int hypothesis, float[] destination) {}
        };
    float infinite = Float.POSITIVE_INFINITY;
    assertThatThrownBy(() -> softmax.normalizer(new float[] {1, infinite, 0}, rows))
        .isInstanceOf(InvalidLogitsException.class);
    assertThatThrownBy(
            () -> softmax.normalizer(new float[] {-infinite, -infinite, -infinite}, rows))
        .isInstanceOf(InvalidLogitsException.class);
    assertThat(softmax.normalizer(new float[] {1, -infinite, 0}, rows)).isBetween(1f, 2f);
    assertThatThrownBy(() -> softmax.normalizer(new float[] {0, 0, 0}, rows))
        .isInstanceOf(InvalidLogitsException.class)
        .hasMessageStartingWith("the model 'x' computes the same logit for every token");
  }

  @Test
  void aCancelledPromptGivesItsPlaceToTheNext() {
    try (TableModel model = new TableModel(VOCABULARY, 1)) {
      Ticket first = model.submit(1L, search(30, 1), TokenListener.NONE);
      Ticket second = model.submit(2L, search(4, 1), TokenListener.NONE);
      Ticket third = model.submit(3L, search(4, 1), TokenListener.NONE);
      model.step();
      model.cancel(first);
      model.cancel(third);
      assertThat(model.taken).isEmpty();
      model.finish();
      assertThat(first.isCancelled()).isTrue();
      assertThat(third.isCancelled()).isTrue();
      assertThat(second.hypothesis()).isEqualTo(alone(2, 4, 1));
      assertThatThrownBy(first::hypothesis).hasMessageContaining("cancelled");
      assertThat(model.steps()).isEqualTo(5);
    }
  }

  @Test
  void aListenerMayCancelItsOwnPromptAndOneThatThrowsFailsAlone() {
    try (TableModel model = new TableModel(VOCABULARY, 3)) {
      List<Ticket> own = new ArrayList<>();
      own.add(model.submit(1L, search(9, 1), _ -> model.cancel(own.getFirst())));
      Ticket thrown =
          model.submit(
              2L,
              search(9, 1),
              _ -> {
                throw new IllegalStateException("nobody listens");
              });
      Ticket good = model.submit(3L, search(9, 1), TokenListener.NONE);
      model.finish();
      assertThat(own.getFirst().isCancelled()).isTrue();
      assertThatThrownBy(thrown::hypothesis).hasMessage("nobody listens");
      assertThat(good.hypothesis()).isEqualTo(alone(3, 9, 1));
    }
  }

  @Test
  void givenTokensAreReadAndScoredAsTheModelWouldScoreThem() {
    Hypothesis own = alone(5, 6, 1);
    List<Integer> heard = new ArrayList<>();
    try (TableModel model = new TableModel(VOCABULARY, 1)) {
      CaptionSearch search = CaptionSearch.following(own.tokens(), VOCABULARY);
      Hypothesis read = model.await(model.submit(5L, search, heard::add));
      assertThat(read).isEqualTo(own);
      assertThat(heard).containsExactlyElementsOf(Arrays.stream(own.tokens()).boxed().toList());
      assertThat(model.steps()).isEqualTo(6);
    }
  }

  @Test
  void tokensThatDoNotExistCannotBeFollowed() {
    assertThatThrownBy(() -> CaptionSearch.following(new int[] {VOCABULARY}, VOCABULARY))
        .hasMessage("a token id is 0 to 39 in this vocabulary, not 40");
    assertThatThrownBy(() -> CaptionSearch.following(new int[0], VOCABULARY))
        .hasMessageContaining("1 token or more");
  }

  @Test
  void manyRowsAreSearchedInParallelWithTheSameResult() {
    int vocabulary = 20_000;
    List<Ticket> tickets = new ArrayList<>();
    GenerationConfig config =
        GenerationConfig.builder().maxNewTokens(2).minNewTokens(2).numBeams(2).build();
    try (TableModel together = new TableModel(vocabulary, 20);
        TableModel single = new TableModel(vocabulary, 1)) {
      for (int i = 0; i < 20; i++) {
        tickets.add(
            together.submit(
                i + 1L, CaptionSearch.of(config, new int[0], vocabulary, END), TokenListener.NONE));
      }
      together.finish();
      for (int i = 0; i < 20; i++) {
        CaptionSearch search = CaptionSearch.of(config, new int[0], vocabulary, END);
        assertThat(tickets.get(i).hypothesis())
            .isEqualTo(single.await(single.submit(i + 1L, search, TokenListener.NONE)));
      }
    }
  }

  @Test
  void aBatchBelongsToItsThreadAndIsClosedOnce() {
    TableModel model = new TableModel(VOCABULARY, 1);
    CompletableFuture<Boolean> elsewhere = CompletableFuture.supplyAsync(model::step);
    assertThatThrownBy(elsewhere::join).hasMessageContaining("belongs to thread");
    Ticket left = model.submit(1L, search(5, 1), TokenListener.NONE);
    model.step();
    model.close();
    model.close();
    assertThat(left.isCancelled()).isTrue();
    assertThat(model.taken).isEmpty();
    assertThatThrownBy(model::step).hasMessageContaining("closed");
  }
}
