package dev.vignette.captioner;

import static dev.vignette.captioner.MiniAdapters.EVERYWHERE;
import static dev.vignette.captioner.MiniAdapters.onTargets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.LoraSettings;
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
}
