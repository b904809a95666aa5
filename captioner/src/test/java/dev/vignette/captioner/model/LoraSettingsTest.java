package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoraSettingsTest {
  private static final Gpt2Config GPT2 = Gpt2Config.named("gpt2");

  private static LoraSettings settings(
      boolean rankStabilized,
      List<String> targets,
      Map<String, Integer> ranks,
      Map<String, Double> alphas) {
    return new LoraSettings(16, 32, 0, rankStabilized, targets, ranks, alphas);
  }

  private static List<String> modules(String... targets) {
    return AdapterPlan.of(GPT2, settings(false, List.of(targets), Map.of(), Map.of()))
        .slots()
        .stream()
        .map(AdapterSlot::module)
        .toList();
  }

  @Test
  void aTargetIsTheEndOfANameOrARegularExpressionForIt() {
    assertThat(modules("lm_head")).containsExactly("lm_head");
    assertThat(modules("attn.c_proj")).hasSize(12).allMatch(m -> m.endsWith(".attn.c_proj"));
    assertThat(modules("h\\.[89]\\.attn\\.c_attn"))
        .containsExactly("transformer.h.8.attn.c_attn", "transformer.h.9.attn.c_attn");
    assertThat(modules("h\\.1\\..*", "wte"))
        .containsExactly(
            "transformer.wte",
            "transformer.h.1.attn.c_attn",
            "transformer.h.1.attn.c_proj",
            "transformer.h.1.mlp.c_fc",
            "transformer.h.1.mlp.c_proj");
  }

  @Test
  void whatMatchesNoModuleIsRefusedByNameWithTheModulesThereAre() {
    assertThatThrownBy(() -> modules("c_attn", "attn"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "lora.targets", "\"attn\"", "transformer.h.11.mlp.c_fc", "lm_head");
    assertThatThrownBy(() -> modules("h\\.12\\.attn\\.c_attn")).hasMessageContaining("12");
    List<String> targets = List.of("c_attn");
    assertThatThrownBy(
            () -> AdapterPlan.of(GPT2, settings(false, targets, Map.of("q_proj", 4), Map.of())))
        .hasMessageContainingAll("lora.rank_pattern", "\"q_proj\"", "transformer.wte");
    assertThatThrownBy(
            () -> AdapterPlan.of(GPT2, settings(false, targets, Map.of(), Map.of("h", 4.0))))
        .hasMessageContainingAll("lora.alpha_pattern", "\"h\"");
    assertThatThrownBy(() -> modules("h.[8")).hasMessageContaining("no regular expression");
  }

  @Test
  void rsLoraDividesAlphaByTheRootOfTheModulesOwnRank() {
    Map<String, Integer> ranks = Map.of("lm_head", 4);
    Map<String, Double> alphas = Map.of("c_fc", 10.0);
    LoraSettings stabilized = settings(true, List.of("c_fc", "lm_head"), ranks, alphas);
    LoraSettings plain = settings(false, List.of("c_fc", "lm_head"), ranks, alphas);
    assertThat(stabilized.scaleOf("transformer.h.0.attn.c_attn")).isEqualTo(8);
    assertThat(plain.scaleOf("transformer.h.0.attn.c_attn")).isEqualTo(2);
    assertThat(stabilized.scaleOf("lm_head")).isEqualTo(16);
    assertThat(plain.scaleOf("lm_head")).isEqualTo(8);
    assertThat(stabilized.scaleOf("transformer.h.3.mlp.c_fc")).isCloseTo(2.5, within(1e-12));
    AdapterPlan plan = AdapterPlan.of(GPT2, stabilized);
    assertThat(plan.slot("lm_head").orElseThrow().scale()).isEqualTo(16);
  }
}
