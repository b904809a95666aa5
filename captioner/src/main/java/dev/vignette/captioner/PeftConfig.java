package dev.vignette.captioner;

import static java.util.stream.Collectors.joining;

import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.LoraSettings.InvalidLoraException;
import dev.vignette.torch.JsonSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private static final String INITIALIZATION = "init_lora_weights";

  /** Initializations of A and B that leave the base weights alone. */
  private static final Set<String> BASE_STAYS = Set.of("gaussian", "eva", "orthogonal");

  /** Settings by which PEFT trains or computes more than A and B. */
  private static final List<String> MORE_THAN_ADAPTERS =
      List.of(
          "bias",
          "lora_bias",
          "modules_to_save",
          "trainable_token_indices",
          "target_parameters",
          "layer_replication",
          "alora_invocation_tokens",
          "ensure_weight_tying",
          "arrow_config",
          "kasa_config",
          "monteclora_config",
          "use_qalora",
          "use_bdlora");

  /**
   * The other settings of PEFT 0.21 and of versions before, which are read or change nothing here.
   */
  private static final Set<String> KNOWN =
      Set.of(
          "peft_type",
          "task_type",
          "auto_mapping",
          "peft_version",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "r",
          TARGETS,
          "exclude_modules",
          "lora_alpha",
          "lora_dropout",
          "fan_in_fan_out",
          "use_rslora",
          "use_dora",
          INITIALIZATION,
          "layers_to_transform",
          "layers_pattern",
          "rank_pattern",
          "alpha_pattern",
          "megatron_config",
          "megatron_core",
          "loftq_config",
          "eva_config",
          "corda_config",
          "lora_ga_config",
          "qalora_group_size",
          "runtime_config",
          "lora_dtype", // of ms-swift, with the next two
          "lorap_lr_ratio",
          "lorap_emb_lr");

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
    if (targets.isArray() && targets.valueStream().allMatch(JsonNode::isString)) {
      return targets.valueStream().map(JsonNode::asString).toList();
    }
    if (!targets.isString()) {
      throw new IllegalArgumentException(
          "%s has %s, and it must be a list of module names or a regular expression; %s"
              .formatted(
                  file,
                  targets.isMissingNode() ? "no " + TARGETS : TARGETS + " " + targets,
                  AdapterFolder.REMEDY));
    }
    String pattern = targets.asString();
    return pattern.equals("all-linear") ? ALL_LINEAR : List.of(WHOLE + pattern + END);
  }

  /** PEFT's alphas are whole numbers where they can be. */
  private static BigDecimal number(double value) {
    BigDecimal decimal = BigDecimal.valueOf(value);
    return value == Math.rint(value) ? decimal.setScale(0) : decimal;
  }

  /**
   * Reads what PEFT wrote.
   *
   * @param initializedBy how the decoder at hand was changed before training, by the name that
   *     {@code init_lora_weights} gives it; empty if it is a published one
   * @throws IllegalArgumentException naming a setting that is not linear algebra that we have, or
   *     cannot be
   */
  static LoraSettings read(Path file, String initializedBy) throws IOException {
    try {
      return readSettings(file, initializedBy);
    } catch (InvalidLoraException e) {
      throw named(file, e);
    }
  }

  /** The same complaint with the file, about the name that PEFT has for the setting. */
  static IllegalArgumentException named(Path file, InvalidLoraException complaint)
      throws IOException {
    JsonNode node = JsonSettings.read(file, AdapterFolder.REMEDY).node();
    boolean ofTargets = complaint.setting().equals("targets");
    List<String> narrowing =
        List.of("exclude_modules", "layers_to_transform", "layers_pattern").stream()
            .filter(name -> !texts(node.path(name)).isEmpty())
            .map(name -> "%s %s".formatted(name, node.path(name)))
            .toList();
    String name =
        switch (complaint.setting()) {
          case "rank" -> "r";
          case "alpha" -> "lora_alpha";
          case "dropout" -> "lora_dropout";
          case "targets" -> TARGETS;
          default -> complaint.setting();
        };
    String sentence =
        ofTargets && !narrowing.isEmpty()
            ? "%s %s with %s is no regular expression, or chooses no module of this GPT-2"
                .formatted(TARGETS, node.path(TARGETS), String.join(" and ", narrowing))
            : complaint.about(name);
    return new IllegalArgumentException(
        "%s: %s; %s".formatted(file, sentence, AdapterFolder.REMEDY), complaint);
  }

  private static LoraSettings readSettings(Path file, String initializedBy) throws IOException {
    JsonSettings settings = JsonSettings.read(file, AdapterFolder.REMEDY);
    JsonNode node = settings.node();
    String type = settings.text("peft_type", "LORA");
    boolean dora = settings.flag("use_dora", false);
    if (!type.equals("LORA") || dora) {
      throw new IllegalArgumentException(
          "%s is of type %s%s; only plain LoRA can be loaded"
              .formatted(file, type, dora ? " with DoRA" : ""));
    }
    requireOnlyAdapters(settings);
    requireUnchangedBase(settings, initializedBy);
    Map<String, Integer> ranks = new LinkedHashMap<>();
    JsonSettings rankPattern = settings.below("rank_pattern");
    rankPattern.node().propertyNames().forEach(e -> ranks.put(e, rankPattern.integer(e)));
    Map<String, Double> alphas = new LinkedHashMap<>();
    JsonSettings alphaPattern = settings.below("alpha_pattern");
    alphaPattern.node().propertyNames().forEach(e -> alphas.put(e, alphaPattern.number(e)));
    return new LoraSettings(
        settings.integer("r"),
        settings.number("lora_alpha"),
        settings.number("lora_dropout", 0),
        settings.flag("use_rslora", false),
        selected(settings, targets(file, node.path(TARGETS))),
        ranks,
        alphas);
  }

  /** Refuses what trains, or computes, more than A and B, and what is not known to do neither. */
  private static void requireOnlyAdapters(JsonSettings settings) {
    for (String name : settings.node().propertyNames()) {
      JsonNode value = settings.node().path(name);
      if (!KNOWN.contains(name) && !MORE_THAN_ADAPTERS.contains(name) && turnsOn(value)) {
        throw new IllegalArgumentException(
            "%s sets %s to %s, which LoRA of PEFT 0.21 does not have; correct its name, or remove it if it changes nothing"
                .formatted(settings.file(), name, value));
      }
    }
    for (String name : MORE_THAN_ADAPTERS) {
      JsonNode value = settings.node().path(name);
      if (turnsOn(value) || value.isNumber()) {
        throw new IllegalArgumentException(
            "%s sets %s to %s; only LoRA's A and B are read here. Train without it, or merge the adapter in PEFT (merge_and_unload) and use the merged GPT-2"
                .formatted(settings.file(), name, value));
      }
    }
  }

  /** Says of numbers that PEFT does not know that they are passed over, as PEFT does. */
  static List<String> passedOver(Path file) throws IOException {
    JsonNode node = JsonSettings.read(file, AdapterFolder.REMEDY).node();
    List<String> numbers =
        node.propertyNames().stream()
            .filter(name -> node.path(name).isNumber())
            .filter(name -> !KNOWN.contains(name) && !MORE_THAN_ADAPTERS.contains(name))
            .map(name -> "%s %s".formatted(name, node.path(name)))
            .toList();
    return numbers.isEmpty()
        ? List.of()
        : List.of(
            "%s has %s, which LoRA of PEFT 0.21 does not: it is passed over"
                .formatted(file, String.join(" and ", numbers)));
  }

  /** A number alone turns nothing on, it says how much. */
  private static boolean turnsOn(JsonNode value) {
    return value.isContainer()
        ? !value.isEmpty()
        : value.isString()
            ? !value.asString().equals("none")
            : value.isBoolean() && value.asBoolean();
  }

  /** Some initializations take B A out of the base weights: on others the adapter is wrong. */
  private static void requireUnchangedBase(JsonSettings settings, String initializedBy) {
    JsonNode value = settings.node().path(INITIALIZATION);
    String name = value.isString() ? value.asString() : "";
    if (!name.isEmpty() && !BASE_STAYS.contains(name) && !name.equals(initializedBy)) {
      throw new IllegalArgumentException(
          "%s sets %s to \"%s\", which changes the decoder's weights before training: on the published ones the adapter captions wrongly. Convert it in PEFT (save_pretrained with path_initial_model_for_weight_conversion); or if the decoder at hand is the changed one, say so by \"%s\": \"%s\" in %s"
              .formatted(
                  settings.file(),
                  INITIALIZATION,
                  name,
                  AdapterFolder.INITIALIZED_BY,
                  name,
                  AdapterFolder.ORIGIN));
    }
  }

  /**
   * The targets without {@code exclude_modules}, in {@code layers_to_transform} only (PEFT 0.19,
   * {@code check_target_module_exists}): as they are where neither is set, otherwise one regular
   * expression.
   */
  private static List<String> selected(JsonSettings settings, List<String> targets) {
    String ahead = excluded(settings) + inLayers(settings);
    if (ahead.isEmpty()) {
      return targets;
    }
    String first = targets.isEmpty() ? "" : targets.getFirst();
    String wanted =
        WHOLE_NAME.matcher(first).matches()
            ? first.substring(WHOLE.length(), first.length() - END.length())
            : endsOf(targets);
    return List.of(WHOLE + ahead + "(?:" + wanted + ")" + END);
  }

  private static String excluded(JsonSettings settings) {
    JsonNode excluded = settings.node().path("exclude_modules");
    if (excluded.isString()) {
      return "(?!(?:%s)$)".formatted(excluded.asString());
    }
    List<String> names = texts(excluded);
    return names.isEmpty() ? "" : "(?!(?:%s)$)".formatted(endsOf(names));
  }

  private static String inLayers(JsonSettings settings) {
    List<String> layers = texts(settings.node().path("layers_to_transform"));
    List<String> stacks = texts(settings.node().path("layers_pattern"));
    return layers.isEmpty()
        ? ""
        : "(?=.*\\.(?:%s)\\.(?:%s)\\.)"
            .formatted(
                stacks.isEmpty() ? "[^.]*" : String.join("|", stacks), String.join("|", layers));
  }

  /** Names, or ends of names from after a dot. */
  private static String endsOf(List<String> names) {
    return "(?:.*\\.)?(?:%s)"
        .formatted(names.stream().map(name -> name.replace(".", "\\.")).collect(joining("|")));
  }

  /** One value or a list of them. */
  private static List<String> texts(JsonNode node) {
    if (node.isArray()) {
      return node.valueStream().map(value -> value.asString("")).toList();
    }
    return node.isValueNode() && !node.isNull() ? List.of(node.asString("")) : List.of();
  }
}
