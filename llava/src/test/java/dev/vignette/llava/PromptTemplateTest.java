package dev.vignette.llava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromptTemplateTest {

  private static final String IMAGE =
      "'<|reserved_special_token_70|><|reserved_special_token_69|><|reserved_special_token_71|>'";

  @Test
  void aModelWithoutAChatTemplateOrWithAnotherIsAskedAsLlava() {
    assertThat(PromptTemplate.ofChat(Optional.empty())).isEqualTo(PromptTemplate.LLAVA_1_5);
    assertThat(PromptTemplate.ofChat(Optional.of("{{ '<|start_header_id|>' }} <image>")))
        .isEqualTo(PromptTemplate.LLAVA_1_5);
  }

  @Test
  void joyCaptionIsKnownByTheTokensAroundItsImage() {
    assertThat(PromptTemplate.ofChat(Optional.of("{{ " + IMAGE + " }}")))
        .hasToString(
            "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful image captioner."
                + "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n<|reserved_special_token_70|><image>"
                + "<|reserved_special_token_71|>{instruction}<|eot_id|>"
                + "<|start_header_id|>assistant<|end_header_id|>\n\n");
  }

  @Test
  void theDatesOfLlama31AreWrittenAsItsTemplateHasThem() {
    String jinja =
        "{% set date_string = \"1 May 2025\" %}Cutting Knowledge Date: December 2023" + IMAGE;
    assertThat(PromptTemplate.ofChat(Optional.of(jinja)).beforeImage())
        .contains(
            "\n\nCutting Knowledge Date: December 2023\nToday Date: 1 May 2025\n\nYou are a helpful");
    assertThat(
            PromptTemplate.ofChat(
                    Optional.of(jinja.replace("date_string = \"1 May 2025\"", "x = 1")))
                .beforeImage())
        .contains("Today Date: 26 July 2024\n\n");
  }

  @Test
  void anInstructionIsText() {
    assertThatThrownBy(() -> PromptTemplate.requireText("Describe\0this"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has the character U+0000");
  }
}
