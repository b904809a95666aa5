package dev.vignette.captioner;

import dev.vignette.captioner.model.LoraSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** PEFT's {@code adapter_config.json} (PEFT 0.19, {@code LoraConfig}). */
final class PeftConfig {
  private PeftConfig() {}

  static String write(LoraSettings lora, String baseModel) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    node.put("base_model_name_or_path", baseModel).put("inference_mode", true);
    node.put("r", lora.rank()).put("lora_alpha", number(lora.alpha()));
    node.put("lora_dropout", lora.dropout()).put("use_rslora", lora.rankStabilized());
    // True for GPT-2's Conv1D; PEFT turns it off by itself for lm_head.
    node.put("fan_in_fan_out", true).put("bias", "none").put("init_lora_weights", true);
    ArrayNode targets = node.putArray("target_modules");
    lora.targets().forEach(targets::add);
    ObjectNode ranks = node.putObject("rank_pattern");
    lora.rankPattern().forEach(ranks::put);
    ObjectNode alphas = node.putObject("alpha_pattern");
    lora.alphaPattern().forEach((name, alpha) -> alphas.put(name, number(alpha)));
    node.putNull("modules_to_save").putNull("layers_to_transform").putNull("layers_pattern");
    return node.toPrettyString() + "\n";
  }

  /** PEFT's alphas are whole numbers where they can be. */
  private static BigDecimal number(double value) {
    BigDecimal decimal = BigDecimal.valueOf(value);
    return value == Math.rint(value) ? decimal.setScale(0) : decimal;
  }

  static LoraSettings read(Path file) throws IOException {
    JsonNode node = JsonMapper.shared().readTree(Files.readString(file));
    String type = node.path("peft_type").asString("LORA");
    if (!type.equals("LORA") || node.path("use_dora").asBoolean(false)) {
      throw new IllegalArgumentException(
          "%s is of type %s%s; only plain LoRA can be loaded"
              .formatted(file, type, node.path("use_dora").asBoolean(false) ? " with DoRA" : ""));
    }
    JsonNode targets = node.path("target_modules");
    if (!targets.isArray()) {
      throw new IllegalArgumentException(
          "%s has target_modules %s; it must be a list of module names".formatted(file, targets));
    }
    List<String> names = targets.valueStream().map(JsonNode::asString).toList();
    Map<String, Integer> ranks = new LinkedHashMap<>();
    node.path("rank_pattern")
        .properties()
        .forEach(e -> ranks.put(e.getKey(), e.getValue().asInt()));
    Map<String, Double> alphas = new LinkedHashMap<>();
    node.path("alpha_pattern")
        .properties()
        .forEach(e -> alphas.put(e.getKey(), e.getValue().asDouble()));
    return new LoraSettings(
        node.required("r").asInt(),
        node.required("lora_alpha").asDouble(),
        node.path("lora_dropout").asDouble(0),
        node.path("use_rslora").asBoolean(false),
        names,
        ranks,
        alphas);
  }
}
