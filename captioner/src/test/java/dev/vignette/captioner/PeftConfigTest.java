package dev.vignette.captioner;

import static dev.vignette.captioner.MiniAdapters.EVERYWHERE;
import static dev.vignette.captioner.MiniAdapters.onTargets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PeftConfigTest {
  @TempDir Path folder;
  private final MiniAdapters mini = new MiniAdapters();

  @AfterEach
  void closeArrays() {
    mini.close();
  }

  private JsonNode savedTargets(LoraSettings settings) throws Exception {
    mini.save(folder, settings);
    return JsonMapper.shared()
        .readTree(Files.readString(folder.resolve("adapter_config.json")))
        .required("target_modules");
  }

  @Test
  void targetsByRegularExpressionAreSavedAsPeftsTextAndReadBack() throws Exception {
    assertThat(savedTargets(onTargets("c_attn", "mlp.c_proj")).isArray()).isTrue();
    LoraSettings settings = onTargets("h\\.[12]\\.attn\\.c_attn", "lm_head");
    String saved = savedTargets(settings).asString();
    assertThat(saved).isEqualTo("(?:.*\\.)?(?:h\\.[12]\\.attn\\.c_attn|lm_head)");
    LoraSettings read = AdapterFolder.settings(folder);
    assertThat(mini.plan(read).slots()).isEqualTo(mini.plan(settings).slots()).hasSize(3);
    AdapterFolder.load(folder, mini.fresh(mini.plan(read)), mini.plan(read));
    assertThat(savedTargets(read).asString()).isEqualTo(saved);
  }

  @Test
  void peftsTextMustMatchWholeNames() throws Exception {
    savedTargets(onTargets("c_attn"));
    Path file = folder.resolve("adapter_config.json");
    ObjectNode config = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
    Files.writeString(file, config.put("target_modules", ".*\\.c_attn|lm_head").toString());
    assertThat(mini.plan(AdapterFolder.settings(folder)).slots()).hasSize(5);
    Files.writeString(file, config.put("target_modules", "all-linear").toString());
    assertThat(mini.plan(AdapterFolder.settings(folder)).slots()).hasSize(16);
    Files.writeString(file, config.put("target_modules", "c_attn").toString());
    LoraSettings partial = AdapterFolder.settings(folder);
    assertThatThrownBy(() -> mini.plan(partial)).hasMessageContaining("c_attn");
  }

  @Test
  void aDamagedConfigurationIsSaidInASentence() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    AdapterFolder.save(folder, mini.trained(plan), plan, mini.origin);
    Files.writeString(folder.resolve(AdapterFolder.CONFIG), "{");
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("adapter_config.json", "no JSON", "train or import it again");
  }

  @Test
  void layersToTransformAndExcludedModulesNarrowTheTargets() throws Exception {
    LoraSettings targets = onTargets("c_attn", "c_proj", "lm_head");
    mini.saveWith(folder, targets, config -> config.putArray("layers_to_transform").add(1).add(3));
    assertThat(mini.modules(folder))
        .hasSize(6)
        .allMatch(module -> module.matches(".*\\.h\\.[13]\\..*"));
    mini.saveWith(
        folder,
        targets,
        config -> {
          config.put("layers_to_transform", 2).put("layers_pattern", "h");
          config.putArray("exclude_modules").add("mlp.c_proj");
        });
    assertThat(mini.modules(folder))
        .containsExactly("transformer.h.2.attn.c_attn", "transformer.h.2.attn.c_proj");
    mini.saveWith(
        folder, targets, config -> config.put("exclude_modules", ".*\\.[0-2]\\..*|lm_head"));
    assertThat(mini.modules(folder))
        .containsExactly(
            "transformer.h.3.attn.c_attn",
            "transformer.h.3.attn.c_proj",
            "transformer.h.3.mlp.c_proj");
    assertThat(mini.plan(AdapterFolder.settings(folder)).slots().getFirst().rank()).isEqualTo(8);
    mini.saveWith(
        folder,
        targets,
        config -> config.put("target_modules", "all-linear").put("layers_to_transform", 0));
    assertThat(mini.modules(folder)).hasSize(4);
  }

  @Test
  void settingsThatTrainMoreThanAandBAreRefusedByName() throws Exception {
    Map<String, String> refused =
        Map.of(
            "bias", "\"lora_only\"",
            "modules_to_save", "[\"lm_head\"]",
            "lora_bias", "true",
            "layer_replication", "[[0,2],[1,3]]",
            "trainable_token_indices", "[3]");
    for (var setting : refused.entrySet()) {
      JsonNode value = JsonMapper.shared().readTree(setting.getValue());
      mini.saveWith(folder, onTargets("c_attn"), config -> config.set(setting.getKey(), value));
      assertThatThrownBy(() -> AdapterFolder.settings(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("sets %s to %s".formatted(setting.getKey(), value), "merge");
    }
    mini.saveWith(
        folder,
        onTargets("c_attn"),
        config -> config.put("bias", "none").put("lora_bias", false).putArray("modules_to_save"));
    assertThat(mini.modules(folder)).hasSize(4);
  }

  @Test
  void aSettingThatNobodyKnowsIsRefusedByNameWhereItTurnsSomethingOn() throws Exception {
    Map<String, String> refused =
        Map.of(
            "layer_to_transform", "[0]",
            "use_newlora", "true",
            "newlora_config", "{\"scale\": 2}",
            "scaling_mode", "\"per-token\"");
    for (var setting : refused.entrySet()) {
      JsonNode value = JsonMapper.shared().readTree(setting.getValue());
      mini.saveWith(folder, onTargets("c_attn"), config -> config.set(setting.getKey(), value));
      assertThatThrownBy(() -> AdapterFolder.settings(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(
              folder.resolve("adapter_config.json").toString(),
              "sets %s to %s".formatted(setting.getKey(), value),
              "correct its name");
    }
    mini.saveWith(
        folder,
        onTargets("c_attn"),
        config ->
            config
                .put("qalora_group_size", 16)
                .put("newlora_groups", 4)
                .put("use_newlora", false)
                .putNull("newlora_config")
                .put("peft_version", "0.21.0")
                .putObject("loftq_config")
                .put("loftq_bits", 4));
    assertThat(mini.modules(folder)).hasSize(4);
    assertThat(PeftConfig.passedOver(folder.resolve("adapter_config.json")))
        .singleElement()
        .asString()
        .contains("adapter_config.json has newlora_groups 4, which", "passed over");
  }

  @Test
  void weightsBesideTheTargetsNameTheSettingsThatChooseThem() throws Exception {
    LoraSettings targets = onTargets("c_attn");
    mini.saveWith(folder, targets, config -> config.put("exclude_modules", ".*h\\.0\\..*"));
    LoraSettings narrowed = AdapterFolder.settings(folder);
    assertThatThrownBy(
            () -> AdapterFolder.load(folder, mini.fresh(mini.plan(narrowed)), mini.plan(narrowed)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(
            "adapter_model.safetensors",
            "exclude_modules and layers_to_transform",
            "lacks none",
            "h.0.attn.c_attn.lora_");
  }

  @Test
  void initializationsThatChangeTheBaseAreRefusedUnlessTheDecoderIsTheChangedOne()
      throws Exception {
    for (String name : List.of("pissa", "pissa_niter_16", "loftq", "corda", "olora", "lora_ga")) {
      mini.saveWith(folder, onTargets("c_attn"), config -> config.put("init_lora_weights", name));
      assertThatThrownBy(() -> AdapterFolder.settings(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("init_lora_weights to \"" + name + "\"", "captioner.json");
    }
    Path file = folder.resolve(AdapterFolder.ORIGIN);
    ObjectNode declared = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
    Files.writeString(file, declared.put("decoder_initialized_by", "lora_ga").toString());
    assertThat(mini.modules(folder)).hasSize(4);
    mini.saveWith(
        folder, onTargets("c_attn"), config -> config.put("init_lora_weights", "gaussian"));
    assertThat(mini.modules(folder)).hasSize(4);
  }

  @Test
  void aSettingThatIsMissingOrNoNumberIsNamed() throws Exception {
    mini.saveWith(folder, onTargets("c_attn"), config -> config.remove("r"));
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .hasMessageContainingAll("adapter_config.json", "no r,", "a whole number");
    mini.saveWith(folder, onTargets("c_attn"), config -> config.put("lora_alpha", "many"));
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .hasMessageContainingAll("lora_alpha \"many\"", "a number");
    Files.writeString(folder.resolve(AdapterFolder.ORIGIN), "{\"encoder\": \"vit\"}");
    assertThatThrownBy(() -> AdapterFolder.Origin.read(folder))
        .hasMessageContainingAll("captioner.json", "no decoder,", "a text");
  }

  @Test
  void aSettingThatCannotBeIsNamedWithItsFileAsPeftCallsIt() throws Exception {
    Map<String, Map.Entry<String, String>> faults =
        Map.of(
            "r", Map.entry("0", "r must be >= 1, not 0"),
            "lora_alpha", Map.entry("-1", "lora_alpha must be a finite number > 0, not -1.0"),
            "lora_dropout", Map.entry("1.5", "lora_dropout must be >= 0 and < 1, not 1.5"),
            "use_rslora", Map.entry("\"yes\"", "use_rslora \"yes\", and it must be true or false"),
            "rank_pattern", Map.entry("{\"c_attn\": -2}", "rank_pattern.c_attn must be >= 1"),
            "alpha_pattern", Map.entry("{\"c_attn\": 0}", "alpha_pattern.c_attn must be a finite"),
            "target_modules",
                Map.entry("[\"(\"]", "target_modules has \"(\", which is no regular"));
    for (var fault : faults.entrySet()) {
      JsonNode value = JsonMapper.shared().readTree(fault.getValue().getKey());
      mini.saveWith(folder, onTargets("c_attn"), config -> config.set(fault.getKey(), value));
      assertThatThrownBy(() -> AdapterFolder.settings(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(
              folder.resolve("adapter_config.json").toString(), fault.getValue().getValue())
          .hasMessageNotContaining("lora.");
    }
    mini.save(folder, onTargets("c_attn"));
    Path file = folder.resolve(AdapterFolder.CONFIG);
    Files.writeString(
        file, Files.readString(file).replaceAll("\"lora_alpha\" : \\d+", "\"lora_alpha\": 1e999"));
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("adapter_config.json", "lora_alpha", "a number");
  }

  @Test
  void aSettingThatDoesNotSuitTheDecoderIsNamedWithItsFile() throws Exception {
    Map<String, Map.Entry<String, String>> faults =
        Map.of(
            "r", Map.entry("161", "r is 161 for the adapter of transformer.h.0.attn.c_attn"),
            "lora_alpha", Map.entry("1e40", "lora_alpha makes the scale of the adapter of"),
            "rank_pattern", Map.entry("{\"q_proj\": 2}", "rank_pattern has \"q_proj\""),
            "target_modules", Map.entry("[\"q_proj\"]", "target_modules has \"q_proj\""),
            "layers_to_transform",
                Map.entry(
                    "[9]",
                    "target_modules [\"c_attn\"] with layers_to_transform [9] is no regular expression, or chooses no module"),
            "exclude_modules",
                Map.entry("[\"c_attn\"]", "with exclude_modules [\"c_attn\"] is no regular"));
    for (var fault : faults.entrySet()) {
      JsonNode value = JsonMapper.shared().readTree(fault.getValue().getKey());
      mini.saveWith(folder, onTargets("c_attn"), config -> config.set(fault.getKey(), value));
      assertThatThrownBy(() -> AdapterMerge.merge(folder, mini.origin, folder.resolve("merged")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(
              folder.resolve("adapter_config.json").toString(), fault.getValue().getValue())
          .hasMessageNotContaining("lora.");
      assertThat(folder.resolve("merged")).doesNotExist();
    }
  }
}
