package dev.vignette.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;

class CaptionWordTest {
  @Test
  void piecesAsSentencePieceMakesThemAreJoinedAtSpaces() {
    List<CaptionWord> words =
        CaptionWord.of(List.of("A", " gir", "aff", "e", " stand", "ing", "."));

    assertThat(words)
        .containsExactly(
            new CaptionWord("A", 0, 1, false),
            new CaptionWord("giraffe", 1, 4, false),
            new CaptionWord("standing", 4, 6, false),
            new CaptionWord(".", 6, 7, true));
  }

  @Test
  void aCaptionThatBeginsWithASpaceHasNoOtherWords() {
    assertThat(CaptionWord.of(List.of(" a", " skate", "board", "er")))
        .containsExactly(
            new CaptionWord("a", 0, 1, false), new CaptionWord("skateboarder", 1, 4, false));
  }

  @Test
  void contractionsStayOneWord() {
    assertThat(CaptionWord.of(List.of("It", "'s", " don", "'", "t", " the", " boys", "'", ".")))
        .extracting(CaptionWord::text)
        .containsExactly("It's", "don't", "the", "boys", "'.");
  }

  @Test
  void hyphensStayWithinAWord() {
    assertThat(CaptionWord.of(List.of("a", " black", "-", "and", "-", "white", " cat", " -")))
        .extracting(CaptionWord::text, CaptionWord::punctuation)
        .containsExactly(
            tuple("a", false),
            tuple("black-and-white", false),
            tuple("cat", false),
            tuple("-", true));
  }

  @Test
  void quotesAroundAWordAreApart() {
    assertThat(CaptionWord.of(List.of("a", " \"", "stop", "\",", " sign")))
        .containsExactly(
            new CaptionWord("a", 0, 1, false),
            new CaptionWord("\"", 1, 2, true),
            new CaptionWord("stop", 2, 3, false),
            new CaptionWord("\",", 3, 4, true),
            new CaptionWord("sign", 4, 5, false));
  }

  @Test
  void aCharacterOfSeveralTokensBelongsToTheWordThatItCompletes() {
    assertThat(CaptionWord.of(List.of("caf", "", "é", "", "", " ñandú", "", "", "")))
        .containsExactly(
            new CaptionWord("café", 0, 3, false), new CaptionWord("ñandú", 3, 6, false));
  }

  @Test
  void aSignOfSeveralTokensAfterAWordIsPunctuation() {
    assertThat(CaptionWord.of(List.of("love", "", "", "❤", ".")))
        .containsExactly(new CaptionWord("love", 0, 1, false), new CaptionWord("❤.", 1, 5, true));
  }

  @Test
  void tokensOfSpaceAloneAreNoWords() {
    assertThat(CaptionWord.of(List.of(" ", "", "", "猫", " ", " ", "dog", "\n")))
        .containsExactly(new CaptionWord("猫", 1, 4, false), new CaptionWord("dog", 6, 7, false));
  }

  @Test
  void scriptsWithoutSpacesHaveAWordAToken() {
    assertThat(CaptionWord.of(List.of("一只", "猫", "坐", "。")))
        .extracting(CaptionWord::text, CaptionWord::punctuation)
        .containsExactly(
            tuple("一只", false), tuple("猫", false), tuple("坐", false), tuple("。", true));
  }

  @Test
  void nothingHasNoWords() {
    assertThat(CaptionWord.of(List.of())).isEmpty();
    assertThat(CaptionWord.of(List.of("", " ", ""))).isEmpty();
  }

  @Test
  void theSpaceBeforeAWordIsKnown() {
    List<String> pieces = List.of(" A", " dog", ",", " ", "cat", ".");

    assertThat(CaptionWord.of(pieces))
        .extracting(CaptionWord::text, word -> word.spaced(pieces))
        .containsExactly(
            tuple("A", false),
            tuple("dog", true),
            tuple(",", false),
            tuple("cat", true),
            tuple(".", false));
  }

  @Test
  void aWordWithoutTokensIsRefused() {
    assertThatThrownBy(() -> new CaptionWord("dog", 3, 3, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'dog'");
  }
}
