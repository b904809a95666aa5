package dev.vignette.captioner;

import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captions.TextFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** PEFT's {@code adapter_config.json} (PEFT 0.19, {@code LoraConfig}). */
final class PeftConfig {
  private static final String TARGETS = "target_modules";
  private static final Pattern NAME = Pattern.compile("[\\w.]+");

  /** What PEFT's {@code all-linear} means in GPT-2: every linear map but the head. */
  private static final List<String> ALL_LINEAR = List.of("c_attn", "c_proj", "c_fc");

  /** Around a pattern that PEFT matches with whole names only, never with their ends. */
  private static final String WHOLE = "^(?:";

  private static final String END = ")$";
  private static final Pattern WHOLE_NAME = Pattern.compile("\\^\\(\\?:.*\\)\\$");

  private PeftConfig() {}

  static String write(LoraSettings lora, String baseModel) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    node.put("base_model_name_or_path", baseModel).put("inference_mode", true);
    node.put("r", lora.rank()).put("lora_alpha", number(lora.alpha()));
    node.put("lora_dropout", lora.dropout()).put("use_rslora", lora.rankStabilized());
    // True for GPT-2's Conv1D; PEFT turns it off by itself for lm_head.
    node.put("fan_in_fan_out", true).put("bias", "none").put("init_lora_weights", true);
    putTargets(node, lora.targets());
    ObjectNode ranks = node.putObject("rank_pattern");
    lora.rankPattern().forEach(ranks::put);
    ObjectNode alphas = node.putObject("alpha_pattern");
    lora.alphaPattern().forEach((name, alpha) -> alphas.put(name, number(alpha)));
    node.putNull("modules_to_save").putNull("layers_to_transform").putNull("layers_pattern");
    return node.toPrettyString() + "\n";
  }

  /** A list means ends of names there; a text is a regular expression for whole names. */
  private static void putTargets(ObjectNode node, List<String> targets) {
    if (targets.size() == 1 && WHOLE_NAME.matcher(targets.getFirst()).matches()) {
      String target = targets.getFirst();
      node.put(TARGETS, target.substring(WHOLE.length(), target.length() - END.length()));
    } else if (targets.stream().allMatch(target -> NAME.matcher(target).matches())) {
      ArrayNode names = node.putArray(TARGETS);
      targets.forEach(names::add);
    } else {
      node.put(TARGETS, "(?:.*\\.)?(?:" + String.join("|", targets) + ")");
    }
  }

  private static List<String> targets(Path file, JsonNode targets) {
    if (targets.isArray()) {
      return targets.valueStream().map(JsonNode::asString).toList();
    }
    if (!targets.isString()) {
      throw new IllegalArgumentException(
          "%s has target_modules %s; it must be a list of module names or a regular expression"
              .formatted(file, targets));
    }
    String pattern = targets.asString();
    return pattern.equals("all-linear") ? ALL_LINEAR : List.of(WHOLE + pattern + END);
  }

  /** PEFT's alphas are whole numbers where they can be. */
  private static BigDecimal number(double value) {
    BigDecimal decimal = BigDecimal.valueOf(value);
    return value == Math.rint(value) ? decimal.setScale(0) : decimal;
  }

  static LoraSettings read(Path file) throws IOException {
    JsonNode node = JsonMapper.shared().readTree(TextFile.read(file));
    String type = node.path("peft_type").asString("LORA");
    if (!type.equals("LORA") || node.path("use_dora").asBoolean(false)) {
      throw new IllegalArgumentException(
          "%s is of type %s%s; only plain LoRA can be loaded"
              .formatted(file, type, node.path("use_dora").asBoolean(false) ? " with DoRA" : ""));
    }
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
        targets(file, node.path(TARGETS)),
        ranks,
        alphas);
  }
}
