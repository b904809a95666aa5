package dev.vignette.eval.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CaptionTokenizerTest {
  private static final CaptionTokenizer OWN = CaptionTokenizer.own();

  private static TokenizedCaptions compat(String... captions) {
    return OWN.tokenize(List.of(captions), Tokenization.COMPAT);
  }

  private static List<String> strict(String... captions) {
    return OWN.tokenize(List.of(captions), Tokenization.STRICT).lines();
  }

  @Test
  void aLetterAtTheEndDependsOnTheNextCaptionInCompatModeOnly() {
    assertThat(compat("a man reads K.", "The dog").lines())
        .containsExactly("a man reads k", "the dog");
    assertThat(compat("a man reads K.", "the dog").lines())
        .containsExactly("a man reads k.", "the dog");
    assertThat(strict("a man reads K.", "The dog")).containsExactly("a man reads k.", "the dog");
  }

  @Test
  void anOddLineBreakMisplacesAllLaterCaptionsAndDropsTheLast() {
    TokenizedCaptions tokens = compat("one", "two\rthree", "four", "five");
    assertThat(tokens.lines()).containsExactly("one", "two", "three", "four");
    assertThat(tokens.breaking()).containsExactly(1);
    assertThat(tokens.misplaced()).containsExactly(2, 3);
    assertThat(tokens.dropped()).containsExactly(3);
  }

  @Test
  void aCarriageReturnAtTheEndOfACaptionMisplacesNothing() {
    TokenizedCaptions tokens = compat("one\r", "two");
    assertThat(tokens.lines()).containsExactly("one", "two");
    assertThat(tokens.misplaced()).isEmpty();
  }

  @Test
  void strictModeRepairsOddLineBreaks() {
    TokenizedCaptions tokens =
        OWN.tokenize(List.of("one", "two\rthree\u2028four", "five"), Tokenization.STRICT);
    assertThat(tokens.lines()).containsExactly("one", "two three four", "five");
    assertThat(tokens.misplaced()).isEmpty();
    assertThat(tokens.dropped()).isEmpty();
  }

  @Test
  void noCaptionsAreNoLines() {
    assertThat(compat().lines()).isEmpty();
    assertThat(strict()).isEmpty();
  }

  @Test
  void emptyCaptionsAreEmptyLines() {
    assertThat(compat("", "a", "", "").lines()).containsExactly("", "a", "", "");
    assertThat(strict("", "a", "", "")).containsExactly("", "a", "", "");
  }

  @Test
  void aSpaceInTheLastTokenOfALineIsStrippedAsPythonDoes() {
    assertThat(compat("see http://ab\u00a0").lines()).containsExactly("see http://ab");
    assertThat(compat("see http://ab\u00a0 .").lines()).containsExactly("see http://ab\u00a0");
  }

  @Test
  void theOrderOfCaptionsChangesNothingInStrictMode() {
    List<String> captions = new CaptionTexts(7).captions(500);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < captions.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(11));
    List<String> lines = OWN.tokenize(captions, Tokenization.STRICT).lines();
    List<String> shuffled =
        OWN.tokenize(order.stream().map(captions::get).toList(), Tokenization.STRICT).lines();
    assertThat(shuffled).isEqualTo(order.stream().map(lines::get).toList());
  }
}
