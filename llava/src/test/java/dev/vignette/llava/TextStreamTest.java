package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextStreamTest {
  private static final List<String> STOPS = List.of("\n\n", " and");

  @Test
  void aStopStringAndWhatFollowsIsNotShown() {
    assertThat(TextStream.certain("a dog and a cat", STOPS)).isEqualTo("a dog");
    assertThat(TextStream.certain("a dog\n\nand", STOPS)).isEqualTo("a dog");
  }

  @Test
  void whatMayBecomeAStopStringIsHeldBack() {
    assertThat(TextStream.certain("a dog an", STOPS)).isEqualTo("a dog");
    assertThat(TextStream.certain("a dog\n", STOPS)).isEqualTo("a dog");
    assertThat(TextStream.certain("a dog ant", STOPS)).isEqualTo("a dog ant");
    assertThat(TextStream.certain(" an", STOPS)).isEmpty();
  }

  @Test
  void withoutStopStringsAllIsCertain() {
    assertThat(TextStream.certain("a dog an", List.of())).isEqualTo("a dog an");
  }
}
