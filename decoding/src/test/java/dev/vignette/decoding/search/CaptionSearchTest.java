package dev.vignette.decoding.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import dev.vignette.decoding.search.CaptionSearch.EndCondition;
import dev.vignette.decoding.search.CaptionSearch.Hypothesis;
import dev.vignette.decoding.search.SingleSearch.TokenChoice.GreedyChoice;
import dev.vignette.decoding.search.SingleSearch.TokenChoice.SampledChoice;
import dev.vignette.decoding.search.Ticket.TokenListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CaptionSearchTest {

  private static final int VOCABULARY = 7;
  private static final int END = 0;

  private static EndCondition end(String... stops) {
    return new EndCondition(new int[] {END}, List.of(stops), CaptionSearchTest::text);
  }

  /** Token 1 is "b", 2 is "c" and so on. */
  private static String text(int[] tokens) {
    return Arrays.stream(tokens)
        .mapToObj(token -> String.valueOf((char) ('a' + token)))
        .collect(Collectors.joining());
  }

  private static Hypothesis run(long seed, GenerationConfig config, String... stops) {
    try (TableModel model = new TableModel(VOCABULARY, 1)) {
      CaptionSearch search = CaptionSearch.of(config, new int[] {3, -1, 4}, VOCABULARY, end(stops));
      return model.await(model.submit(seed, search, TokenListener.NONE));
    }
  }

  private static float[] logitsAfter(long seed, int[] tokens) {
    return TableModel.logitsAfter(VOCABULARY, seed, tokens);
  }

  private static GenerationConfig.Builder upTo(int tokens) {
    return GenerationConfig.builder().maxNewTokens(tokens);
  }

  /** The best penalized score over every text of at most that many tokens. */
  private static double best(long seed, int maxNewTokens, double lengthPenalty) {
    return best(seed, new int[0], 0, maxNewTokens, lengthPenalty);
  }

  private static double best(
      long seed, int[] tokens, double sum, int maxNewTokens, double lengthPenalty) {
    float[] logits = logitsAfter(seed, tokens);
    float normalizer = new LogSoftmax(logits.length).normalizer(logits);
    double best = Double.NEGATIVE_INFINITY;
    for (int token = 0; token < VOCABULARY; token++) {
      double next = sum + logits[token] - normalizer;
      int length = tokens.length + 1;
      if (token == END || length == maxNewTokens) {
        best = Math.max(best, next / Math.pow(length, lengthPenalty));
      } else {
        int[] longer = Arrays.copyOf(tokens, length);
        longer[tokens.length] = token;
        best = Math.max(best, best(seed, longer, next, maxNewTokens, lengthPenalty));
      }
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void beamsAreNoWorseThanGreedyAndNoBetterThanTheBestOfAllTexts(long seed) {
    Hypothesis found = run(seed, upTo(2).numBeams(3).earlyStopping(EarlyStopping.NEVER).build());
    assertThat(found.score()).isLessThanOrEqualTo(best(seed, 2, 1) + 1e-6);
    Hypothesis greedy = run(seed, upTo(2).build());
    assertThat(found.score()).isGreaterThanOrEqualTo(penalized(greedy, 2) - 1e-5);
  }

  private static double penalized(Hypothesis greedy, int maxNewTokens) {
    int length = Math.min(maxNewTokens, greedy.tokens().length + 1);
    return greedy.score() / length;
  }

  @Test
  void beamSearchWithRoomForEverythingIsExact() {
    for (long seed = 0; seed < 30; seed++) {
      GenerationConfig one = upTo(1).numBeams(3).build();
      assertThat(run(seed, one).score()).isCloseTo(best(seed, 1, 1), within(1e-6));
    }
  }

  @Test
  void theScoreIsThatOfItsTokens() {
    for (long seed = 0; seed < 30; seed++) {
      Hypothesis found = run(seed, upTo(6).numBeams(3).lengthPenalty(0.5).build());
      double sum = 0;
      int[] tokens = found.tokens();
      for (int i = 0; i < tokens.length; i++) {
        sum += logProbability(seed, Arrays.copyOf(tokens, i), tokens[i]);
        assertThat((double) found.logProbabilities()[i])
            .isCloseTo(logProbability(seed, Arrays.copyOf(tokens, i), tokens[i]), within(1e-5));
      }
      int length = tokens.length;
      if (length < 6) {
        sum += logProbability(seed, tokens, END);
        length++;
      }
      assertThat(found.score()).isCloseTo(sum / Math.sqrt(length), within(1e-4));
    }
  }

  private static double logProbability(long seed, int[] before, int token) {
    float[] logits = logitsAfter(seed, before);
    return logits[token] - new LogSoftmax(logits.length).normalizer(logits);
  }

  @Test
  void greedyTakesTheLikeliestTokenEachTime() {
    for (long seed = 0; seed < 20; seed++) {
      List<Integer> expected = new ArrayList<>();
      while (expected.size() < 5) {
        float[] logits = logitsAfter(seed, expected.stream().mapToInt(Integer::intValue).toArray());
        int best = new GreedyChoice().choose(logits);
        if (best == END) {
          break;
        }
        expected.add(best);
      }
      assertThat(run(seed, upTo(5).build()).tokens())
          .containsExactly(expected.stream().mapToInt(Integer::intValue).toArray());
    }
  }

  @ParameterizedTest
  @EnumSource(EarlyStopping.class)
  void everyWayToStopStaysWithinTheLength(EarlyStopping stopping) {
    for (long seed = 0; seed < 20; seed++) {
      GenerationConfig config = upTo(5).numBeams(2).earlyStopping(stopping).build();
      assertThat(run(seed, config).tokens().length).isLessThanOrEqualTo(5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void noTwoTokensRepeatTheirOrder(int beams) {
    for (long seed = 0; seed < 20; seed++) {
      GenerationConfig config = upTo(12).numBeams(beams).noRepeatNgramSize(2).build();
      int[] tokens = run(seed, config).tokens();
      List<String> pairs = new ArrayList<>();
      for (int i = 0; i + 1 < tokens.length; i++) {
        pairs.add(tokens[i] + " " + tokens[i + 1]);
      }
      assertThat(pairs).doesNotHaveDuplicates();
    }
  }

  @Test
  void theRepetitionPenaltyIsThatOfHuggingFace() {
    TokenRules rules =
        new TokenRules(
            GenerationConfig.builder().repetitionPenalty(2).build(),
            new int[] {1, -1, 1},
            new int[] {END});
    float[] scores = {4, 4, -4, 4, -4};
    rules.apply(scores, new int[] {2}, 1);
    assertThat(scores).containsExactly(4, 2, -8, 4, -4);
  }

  @Test
  void thePromptCountsForRepeatedNgrams() {
    TokenRules rules =
        new TokenRules(
            GenerationConfig.builder().noRepeatNgramSize(2).build(),
            new int[] {3, -1, 4, 2},
            new int[] {END});
    float[] scores = new float[VOCABULARY];
    rules.apply(scores, new int[] {4}, 1);
    assertThat(scores[2]).isEqualTo(Float.NEGATIVE_INFINITY);
    scores[2] = 0;
    assertThat(scores).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theEndWaitsForTheLeastLength(int beams) {
    for (long seed = 0; seed < 20; seed++) {
      GenerationConfig config = upTo(6).minNewTokens(4).numBeams(beams).build();
      assertThat(run(seed, config).tokens().length).isBetween(4, 6);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aStopStringEndsTheText(int beams) {
    boolean seen = false;
    for (long seed = 0; seed < 20; seed++) {
      GenerationConfig config = upTo(12).numBeams(beams).build();
      String text = text(run(seed, config, "b", "c").tokens());
      int first = text.chars().filter(c -> c == 'b' || c == 'c').findFirst().orElse(-1);
      seen |= first >= 0;
      assertThat(text.substring(0, Math.max(0, text.length() - 1))).doesNotContain("b", "c");
    }
    assertThat(seen).isTrue();
  }

  @Test
  void theSameSeedDrawsTheSameTokensAndAnotherOthers() {
    GenerationConfig.Builder sampling = upTo(10).minNewTokens(10).doSample(true);
    int[] first = run(5, sampling.seed(1).build()).tokens();
    assertThat(run(5, sampling.seed(1).build()).tokens()).containsExactly(first);
    assertThat(run(5, sampling.seed(2).build()).tokens()).isNotEqualTo(first);
  }

  @Test
  void samplingDrawsByTheProbabilities() {
    float[] logits = {0, (float) Math.log(2), (float) Math.log(5), -100};
    SampledChoice choice =
        new SampledChoice(GenerationConfig.builder().doSample(true).topK(0).seed(3).build());
    int[] counts = new int[4];
    for (int i = 0; i < 8000; i++) {
      counts[choice.choose(logits)]++;
    }
    assertThat(counts[0]).isBetween(850, 1150);
    assertThat(counts[1]).isBetween(1800, 2200);
    assertThat(counts[3]).isZero();
  }

  @Test
  void topKAndTopPLeaveTheLikeliest() {
    float[] logits = {1, 3, 2, 0};
    GenerationConfig k = GenerationConfig.builder().doSample(true).topK(1).build();
    GenerationConfig p = GenerationConfig.builder().doSample(true).topP(0.5).build();
    for (int i = 0; i < 50; i++) {
      assertThat(new SampledChoice(k).choose(logits)).isEqualTo(1);
      assertThat(new SampledChoice(p).choose(logits)).isEqualTo(1);
    }
  }

  @Test
  void theListenerHearsTheTextTokenByToken() {
    List<Integer> heard = new ArrayList<>();
    CaptionSearch search = CaptionSearch.of(upTo(5).build(), new int[0], VOCABULARY, end());
    Hypothesis found;
    try (TableModel model = new TableModel(VOCABULARY, 1)) {
      found = model.await(model.submit(9L, search, heard::add));
    }
    assertThat(heard).containsExactlyElementsOf(Arrays.stream(found.tokens()).boxed().toList());
  }

  @Test
  void valuesOutOfRangeAreNamedWithTheirRule() {
    assertThatThrownBy(() -> upTo(0).build()).hasMessage("max_new_tokens is 1 or more, not 0");
    assertThatThrownBy(() -> upTo(5).numBeams(65).build()).hasMessageContaining("1 to 64, not 65");
    assertThatThrownBy(() -> upTo(5).topP(0).build()).hasMessageContaining("top_p");
    assertThatThrownBy(() -> upTo(5).temperature(0).build()).hasMessageContaining("temperature");
    assertThatThrownBy(() -> upTo(5).minNewTokens(6).build()).hasMessageContaining("0 to");
    assertThatThrownBy(() -> upTo(5).repetitionPenalty(Double.NaN).build())
        .hasMessageContaining("repetition_penalty");
    assertThatThrownBy(() -> upTo(5).doSample(true).numBeams(2).build())
        .hasMessageContaining("num_beams 1");
    assertThatThrownBy(() -> EarlyStopping.parse("maybe")).hasMessageContaining("'maybe'");
    GenerationConfig many = upTo(3).numBeams(4).build();
    assertThatThrownBy(() -> run(1, many)).hasMessageContaining("use fewer beams");
  }
}
