package dev.vignette.captioner.model;

import static org.assertj.core.api.Assertions.assertThat;
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
