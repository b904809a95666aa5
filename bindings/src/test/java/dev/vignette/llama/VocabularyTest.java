package dev.vignette.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {

  private static LlamaModel model;
  private static Vocabulary vocabulary;

  @BeforeAll
  static void load() {
    model = NativeTest.model();
    vocabulary = model.vocabulary();
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void textComesBackFromItsTokens() {
    String text = "A truck parked at night.";
    assertThat(vocabulary.detokenize(vocabulary.tokenize(text, true, false)).strip())
        .isEqualTo(text);
  }

  @Test
  void aTextOutsideTheVocabularyComesBackByItsBytes() {
    String text = "größe 🚂 ж";
    assertThat(vocabulary.detokenize(vocabulary.tokenize(text, false, false)).strip())
        .isEqualTo(text);
  }

  @Test
  void anEmptyTextHasOnlyTheBeginning() {
    assertThat(vocabulary.tokenize("", true, false)).containsExactly(vocabulary.beginOfSentence());
    assertThat(vocabulary.tokenize("", false, false)).isEmpty();
    assertThat(vocabulary.detokenize()).isEmpty();
  }

  @Test
  void specialMarksAreTextUnlessAskedFor() {
    assertThat(vocabulary.tokenize("</s>", false, true))
        .containsExactly(vocabulary.endOfSentence());
    assertThat(vocabulary.tokenize("</s>", false, false))
        .doesNotContain(vocabulary.endOfSentence());
  }

  @Test
  void aZeroByteInATextIsATokenOfItsOwn() {
    assertThat(vocabulary.tokenize("a\0b", false, false)).hasSizeGreaterThan(1);
  }

  @Test
  void theEndEndsGenerationAndIsAMark() {
    assertThat(vocabulary.isEndOfGeneration(vocabulary.endOfSentence())).isTrue();
    assertThat(vocabulary.isControl(vocabulary.endOfSentence())).isTrue();
    int letter = vocabulary.tokenize("truck", false, false)[0];
    assertThat(vocabulary.isEndOfGeneration(letter)).isFalse();
    assertThat(new String(vocabulary.piece(letter), StandardCharsets.UTF_8)).isNotEmpty();
    assertThat(vocabulary.spelling(letter)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, 768, Integer.MAX_VALUE})
  void aTokenThatDoesNotExistIsRefusedBeforeTheCall(int token) {
    assertThatThrownBy(() -> vocabulary.piece(token)).hasMessageContaining("0 to 767");
    assertThatThrownBy(() -> vocabulary.spelling(token)).hasMessageContaining("0 to 767");
    assertThatThrownBy(() -> vocabulary.isEndOfGeneration(token)).hasMessageContaining("0 to 767");
    assertThatThrownBy(() -> vocabulary.isControl(token)).hasMessageContaining("0 to 767");
    assertThatThrownBy(() -> vocabulary.detokenize(1, token)).hasMessageContaining("0 to 767");
  }
}
