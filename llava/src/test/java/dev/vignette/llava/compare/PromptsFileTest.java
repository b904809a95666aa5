package dev.vignette.llava.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captions.run.UsageException;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.decoding.GenerationConfig.EarlyStopping;
import dev.vignette.files.yaml.ConfigException;
import dev.vignette.llava.CaptionSetting;
import dev.vignette.llava.EmbeddedModel;
import dev.vignette.llava.PromptTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptsFileTest {

  private static List<CaptionSetting> settings(String text) {
    return PromptsFile.parse("p.yaml", text).settings();
  }

  private static void assertRefused(String text, String... parts) {
    assertThatThrownBy(() -> settings(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void everyInstructionMeetsEveryConfigUnlessItListsItsOwn() {
    assertThat(
            settings(
                """
                instructions:
                  brief: Be brief.
                  what: {prompt: What is it?, configs: [beams]}
                configs:
                  greedy: {max_new_tokens: 30}
                  beams: {num_beams: 5, early_stopping: true, stop_strings: ['.']}
                """))
        .containsExactly(
            new CaptionSetting("brief.greedy", "Be brief.", tokens(30).build()),
            new CaptionSetting("brief.beams", "Be brief.", beams()),
            new CaptionSetting("what.beams", "What is it?", beams()));
  }

  private static GenerationConfig.Builder tokens(int count) {
    return GenerationConfig.builder().maxNewTokens(count);
  }

  private static GenerationConfig beams() {
    return GenerationConfig.builder()
        .numBeams(5)
        .earlyStopping(EarlyStopping.TRUE)
        .stopStrings(List.of("."))
        .build();
  }

  @Test
  void aFileMayBeginWithAByteOrderMark(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("p.yaml"), "\uFEFFinstructions: {a: Look.}");
    assertThat(PromptsFile.read(file).settings()).hasSize(1);
  }

  @Test
  void withoutConfigsTheDefaultIsGreedy() {
    assertThat(settings("instructions: {a: Look.}"))
        .containsExactly(new CaptionSetting("a.greedy", "Look.", GenerationConfig.greedy()));
  }

  @Test
  void theDefaultFileHasTheFourInstructionsOfTheHomeworkAndPublicOnesWithBeams()
      throws IOException {
    List<CaptionSetting> settings = PromptsFile.byDefault().settings();
    assertThat(settings)
        .contains(
            new CaptionSetting(
                "seed_best.greedy", EmbeddedModel.DEFAULT_INSTRUCTION, tokens(30).build()),
            new CaptionSetting("seed_what_are_these.greedy", "What are these?", tokens(30).build()),
            new CaptionSetting(
                "short_image_caption.beams5",
                "A short image caption.",
                tokens(20).numBeams(5).build()));
    assertThat(settings.stream().map(CaptionSetting::instruction).distinct()).hasSize(6);
  }

  @Test
  void aTemplateStandsAroundAllInstructions() {
    PromptsFile file =
        PromptsFile.parse(
            "p.yaml", "template: 'Q: <image> {instruction} A:'\ninstructions: {a: Look.}");
    assertThat(file.template()).contains(PromptTemplate.parse("Q: <image> {instruction} A:"));
    assertRefused(
        "instructions: {a: Look.}\ntemplate: no places", "p.yaml line 2", "no places", "<image>");
  }

  @Test
  void aWrongValueIsNamedWithItsLineAndWhatIsAllowed() {
    String head = "instructions: {a: Look.}\nconfigs:\n  c:\n    ";
    assertRefused(head + "num_beams: 65", "p.yaml line 4", "configs.c.num_beams", "1 to 64");
    assertRefused(head + "num_beams: many", "line 4", "\"many\"", "whole number");
    assertRefused(head + "max_new_tokens: 0", "line 4", ">= 1");
    assertRefused(head + "temperature: 0", "line 4", "over 0");
    assertRefused(head + "top_p: 1.5", "line 4", "at most 1");
    assertRefused(head + "do_sample: maybe", "line 4", "true, false");
    assertRefused(head + "early_stopping: soon", "line 4", "true, false or never");
    assertRefused(head + "beams: 5", "line 4", "configs.c.beams", "num_beams");
    assertRefused(head + "stop_strings: x", "line 4", "list");
  }

  @Test
  void valuesThatDoNotGoTogetherAreNamedWithTheirConfig() {
    assertRefused(
        "instructions: {a: Look.}\nconfigs:\n  c: {do_sample: true, num_beams: 3}",
        "p.yaml line 3",
        "configs.c",
        "do_sample needs num_beams 1");
    assertRefused(
        "instructions: {a: Look.}\nconfigs: {c: {min_new_tokens: 9, max_new_tokens: 8}}",
        "line 2",
        "min_new_tokens is 0 to max_new_tokens");
  }

  @Test
  void whatIsMissingUnknownTwiceOrEmptyIsNamedWithItsLine() {
    assertRefused("configs: {c: {}}", "p.yaml", "no instructions");
    assertRefused("", "p.yaml", "no instructions");
    assertRefused("instructions: {}", "p.yaml", "no instruction");
    assertRefused("instructions:\n  a: Look.\nprompts: x", "line 3", "no setting prompts");
    assertRefused("instructions:\n  a: Look.\n  a: See.", "line 3", "instructions.a", "twice");
    assertRefused("instructions:\n  a: ' '", "line 2", "empty");
    assertRefused("instructions:\n  a: [x]", "line 2", "single value");
    assertRefused("instructions:\n  a/b: x", "line 2", "letters, digits");
    assertRefused(
        "instructions:\n  a: {prompt: x, config: [c]}", "line 2", "instructions.a.config");
    assertRefused("instructions:\n  a: {configs: [greedy]}", "instructions.a.prompt", "missing");
    assertRefused("instructions:\n  a: {prompt: x, configs: [c]}", "line 2", "\"c\"", "[greedy]");
    assertRefused("instructions: {a: 'x", "p.yaml line 1 is no YAML: a text in quotes");
  }

  @Test
  void whatIsThereButEmptyIsSaidToBeEmptyWithItsLine() {
    assertRefused("instructions: {a: \"\"}", "line 1: instructions.a is empty", "what to describe");
    assertRefused("instructions:\n  a:\n", "line 2: instructions.a is empty", "what to describe");
    assertRefused(
        "instructions:\n  a: {prompt: }\n", "line 2: instructions.a.prompt is empty", "describe");
    assertRefused(
        "instructions:\n  a: {configs: [b]}\n", "line 2: instructions.a.prompt is missing");
  }

  @Test
  void aFileThatIsNoMappingSaysWhatMustBeOne() {
    for (String text : new String[] {"- a", "~", "a text"}) {
      assertRefused(text, "line 1: what stands in it must be a mapping of names to values");
    }
  }

  @Test
  void anInstructionWithAnImagesPlaceIsRefusedWithItsLine() {
    assertRefused(
        "instructions:\n  a: What?\n  b: \"USER: <image>\\nWhat? ASSISTANT:\"\n",
        "line 3: instructions.b cannot be asked",
        "<image>",
        "template");
  }

  @Test
  void aFileThatIsNotThereIsSaidToBe() {
    assertThatThrownBy(() -> PromptsFile.read(Path.of("nowhere.yaml")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("nowhere.yaml");
  }
}
