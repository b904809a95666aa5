package dev.vignette.captioner.model;

import dev.vignette.captioner.model.LoraSettings.InvalidLoraException;
import dev.vignette.torch.BlockLinear;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which modules of a GPT-2 get adapters, in the order of the model.
 *
 * @param settings what the plan was made of
 * @param slots one an adapter
 */
public record AdapterPlan(LoraSettings settings, List<AdapterSlot> slots) {
  static final String HEAD = "lm_head";
  static final String TOKENS = "transformer.wte";
  static final String POSITIONS = "transformer.wpe";

  public AdapterPlan {
    slots = List.copyOf(slots);
  }

  /**
   * Plans the adapters.
   *
   * @throws InvalidLoraException when a target or a pattern of ranks or alphas matches no module,
   *     or a rank or an alpha does not suit one
   */
  public static AdapterPlan of(Gpt2Config config, LoraSettings settings) {
    Slots plan = new Slots(settings, new LinkedHashMap<>(), new ArrayList<>());
    int width = config.width();
    plan.add(TOKENS, true, config.vocabulary(), width);
    plan.add(POSITIONS, true, config.positions(), width);
    for (int layer = 0; layer < config.depth(); layer++) {
      plan.add(name(layer, BlockLinear.QKV), false, width, 3 * width);
      plan.add(name(layer, BlockLinear.PROJECTION), false, width, width);
      plan.add(name(layer, BlockLinear.UP), false, width, config.hidden());
      plan.add(name(layer, BlockLinear.DOWN), false, config.hidden(), width);
    }
    plan.add(HEAD, false, width, config.vocabulary());
    requireMatches("targets", settings.targets(), plan.modules());
    requireMatches("rank_pattern", settings.rankPattern().keySet(), plan.modules());
    requireMatches("alpha_pattern", settings.alphaPattern().keySet(), plan.modules());
    return new AdapterPlan(settings, List.copyOf(plan.slots().values()));
  }

  /** Collects all modules and the slots of those that are adapted. */
  private record Slots(
      LoraSettings settings, Map<String, AdapterSlot> slots, List<String> modules) {
    void add(String module, boolean embedding, int in, int out) {
      modules.add(module);
      if (settings.adapts(module)) {
        slots.put(
            module,
            new AdapterSlot(
                module, embedding, in, out, settings.rankOf(module), settings.scaleOf(module)));
      }
    }
  }

  private static void requireMatches(
      String setting, Collection<String> patterns, List<String> modules) {
    for (String pattern : patterns) {
      if (modules.stream().noneMatch(module -> LoraSettings.matches(pattern, module))) {
        throw new InvalidLoraException(
            setting,
            "has \"%s\", which matches no module of this GPT-2; give the end of a name, or a regular expression for it, of %s"
                .formatted(pattern, modules));
      }
    }
  }

  /** The name of a linear map of a block. */
  static String name(int layer, BlockLinear linear) {
    String part =
        switch (linear) {
          case QKV -> "attn.c_attn";
          case PROJECTION -> "attn.c_proj";
          case UP -> "mlp.c_fc";
          case DOWN -> "mlp.c_proj";
        };
    return "transformer.h.%d.%s".formatted(layer, part);
  }

  /** The adapter of a module. */
  public Optional<AdapterSlot> slot(String module) {
    return slots.stream().filter(s -> s.module().equals(module)).findFirst();
  }
}
