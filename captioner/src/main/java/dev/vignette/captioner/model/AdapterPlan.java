package dev.vignette.captioner.model;

import dev.vignette.torch.BlockLinear;
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
   * @throws IllegalArgumentException when a target matches no module
   */
  public static AdapterPlan of(Gpt2Config config, LoraSettings settings) {
    Map<String, AdapterSlot> modules = new LinkedHashMap<>();
    int width = config.width();
    add(modules, settings, TOKENS, true, config.vocabulary(), width);
    add(modules, settings, POSITIONS, true, config.positions(), width);
    for (int layer = 0; layer < config.depth(); layer++) {
      add(modules, settings, name(layer, BlockLinear.QKV), false, width, 3 * width);
      add(modules, settings, name(layer, BlockLinear.PROJECTION), false, width, width);
      add(modules, settings, name(layer, BlockLinear.UP), false, width, config.hidden());
      add(modules, settings, name(layer, BlockLinear.DOWN), false, config.hidden(), width);
    }
    add(modules, settings, HEAD, false, width, config.vocabulary());
    List<AdapterSlot> slots = List.copyOf(modules.values());
    for (String target : settings.targets()) {
      if (slots.stream()
          .noneMatch(s -> s.module().equals(target) || s.module().endsWith("." + target))) {
        throw new IllegalArgumentException(
            "lora.targets names %s, which is no module of GPT-2; modules end in c_attn, c_proj, c_fc, wte, wpe, lm_head"
                .formatted(target));
      }
    }
    return new AdapterPlan(settings, slots);
  }

  private static void add(
      Map<String, AdapterSlot> modules,
      LoraSettings settings,
      String module,
      boolean embedding,
      int in,
      int out) {
    if (settings.adapts(module)) {
      modules.put(
          module,
          new AdapterSlot(
              module, embedding, in, out, settings.rankOf(module), settings.scaleOf(module)));
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
  Optional<AdapterSlot> slot(String module) {
    return slots.stream().filter(s -> s.module().equals(module)).findFirst();
  }

  /** Trainable elements of all adapters. */
  public long parameters() {
    return slots.stream().mapToLong(AdapterSlot::parameters).sum();
  }
}
