package dev.vignette.captioner;

import static dev.vignette.captioner.MiniAdapters.EVERYWHERE;
import static dev.vignette.captioner.MiniAdapters.NOWHERE;
import static dev.vignette.captioner.MiniAdapters.onTargets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Weights;
import dev.vignette.torch.fixture.Tolerance;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.TensorShape;
import dev.vignette.weights.WeightsException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AdapterFolderTest {
  @TempDir Path folder;
  private final MiniAdapters mini = new MiniAdapters();

  @AfterEach
  void closeArrays() {
    mini.close();
  }

  @Test
  void aFreshAdapterGivesTheBaseModelsLogits() throws Exception {
    NDArray base = mini.logits(mini.gpt2, NOWHERE, mini.fresh(mini.plan(NOWHERE)));
    NDArray adapted = mini.logits(mini.gpt2, EVERYWHERE, mini.fresh(mini.plan(EVERYWHERE)));
    assertThat(Tolerance.absolute(adapted, base)).isZero();
  }

  @Test
  void aSavedAdapterIsLoadedBack() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    Trainables trainables = mini.trained(plan);
    AdapterFolder.save(folder, trainables, plan, mini.origin);
    assertThat(AdapterFolder.settings(folder)).isEqualTo(EVERYWHERE);
    assertThat(AdapterFolder.Origin.read(folder)).isEqualTo(mini.origin);
    Trainables loaded = mini.fresh(plan);
    AdapterFolder.load(folder, loaded, plan);
    trainables
        .arrays()
        .forEach((name, array) -> assertThat(loaded.array(name)).as(name).isEqualTo(array));
  }

  @Test
  void filesHaveTheNamesThatPeftGives() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    AdapterFolder.save(folder, mini.fresh(plan), plan, mini.origin);
    Safetensors file = Safetensors.open(folder.resolve("adapter_model.safetensors"));
    assertThat(file.tensors().keySet())
        .contains(
            "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight",
            "base_model.model.transformer.h.3.mlp.c_proj.lora_B.weight",
            "base_model.model.transformer.wte.lora_embedding_A",
            "base_model.model.lm_head.lora_B.weight");
    assertThat(file.info("base_model.model.lm_head.lora_A.weight").shape())
        .isEqualTo(TensorShape.of(4, 160));
    assertThat(file.info("base_model.model.transformer.h.1.attn.c_proj.lora_B.weight").shape())
        .isEqualTo(TensorShape.of(160, 2));
    JsonNode config =
        JsonMapper.shared().readTree(Files.readString(folder.resolve("adapter_config.json")));
    assertThat(config.path("peft_type").asString()).isEqualTo("LORA");
    assertThat(config.path("fan_in_fan_out").asBoolean()).isTrue();
    assertThat(config.path("lora_alpha").toString()).isEqualTo("16");
  }

  @Test
  void anAdapterOfOtherModulesIsRefusedByName() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    AdapterFolder.save(folder, mini.fresh(plan), plan, mini.origin);
    LoraSettings fewer = new LoraSettings(8, 16, 0, false, List.of("c_attn"), Map.of(), Map.of());
    assertThatThrownBy(
            () -> AdapterFolder.load(folder, mini.fresh(mini.plan(fewer)), mini.plan(fewer)))
        .hasMessageContainingAll("lacks none", "has base_model.model.", "29 others");
  }

  @Test
  void keysWithoutPrefixAreReadToo() throws Exception {
    Safetensors original = Safetensors.open(mini.gpt2.resolve("model.safetensors"));
    SequencedMap<String, NDArray> bare = new LinkedHashMap<>();
    for (String name : original.tensors().keySet()) {
      bare.put(name.replace("transformer.", ""), Weights.load(mini.manager, original, name));
    }
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, bare, Map.of());
    Files.copy(mini.gpt2.resolve("config.json"), folder.resolve("config.json"));
    Trainables trainables = mini.fresh(mini.plan(NOWHERE));
    assertThat(mini.logits(folder, NOWHERE, trainables))
        .isEqualTo(mini.logits(mini.gpt2, NOWHERE, trainables));
  }

  @Test
  void anAdapterThatWasNotSavedWithItsProjectionIsRefused() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    AdapterFolder.save(folder, mini.trained(plan), plan, mini.origin);
    Path other = folder.resolve("other");
    Trainables moved = mini.trained(plan);
    moved.set("proj.bias", mini.manager.ones(new Shape(160)));
    AdapterFolder.save(other, moved, plan, mini.origin);
    Files.copy(
        other.resolve(AdapterFolder.PROJECTION),
        folder.resolve(AdapterFolder.PROJECTION),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> AdapterFolder.load(folder, mini.fresh(plan), plan))
        .hasMessageContaining("not saved together");
  }

  @Test
  void aProjectionOfMoreLayersIsRefused() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn"));
    Trainables trainables = mini.trained(plan);
    AdapterFolder.save(folder, trainables, plan, mini.origin);
    SequencedMap<String, NDArray> layers = new LinkedHashMap<>();
    layers.put("weight", trainables.array(Trainables.PROJECTION_WEIGHT));
    layers.put("bias", trainables.array(Trainables.PROJECTION_BIAS));
    layers.put("2.weight", mini.manager.ones(new Shape(160, 160)));
    SafetensorsWriter.write(folder.resolve(AdapterFolder.PROJECTION), layers, Map.of());
    Path adapter = folder.resolve(AdapterFolder.ADAPTER);
    SequencedMap<String, NDArray> matrices = new LinkedHashMap<>();
    Safetensors saved = Safetensors.open(adapter);
    for (String name : saved.tensors().keySet()) {
      matrices.put(name, Weights.load(mini.manager, saved, name));
    }
    SafetensorsWriter.write(adapter, matrices, Map.of()); // as other programs write it
    assertThatThrownBy(() -> AdapterFolder.load(folder, mini.fresh(plan), plan))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("projection.safetensors has 2.weight beside", "one linear map");
  }

  @Test
  void anAdapterOfWhichOneBitChangedIsRefusedUnlessItHasNoChecksum() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn"));
    for (String name : List.of(AdapterFolder.ADAPTER, AdapterFolder.PROJECTION)) {
      AdapterFolder.save(folder, mini.trained(plan), plan, mini.origin);
      AdapterFolder.load(folder, mini.fresh(plan), plan);
      Path file = folder.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 4] ^= 1;
      Files.write(file, bytes);
      assertThatThrownBy(() -> AdapterFolder.load(folder, mini.fresh(plan), plan))
          .isInstanceOf(WeightsException.class)
          .hasMessageContainingAll(file + " is damaged: its checksum is", "copy the adapter again");
      Files.delete(file);
    }
    AdapterFolder.save(folder, mini.trained(plan), plan, mini.origin);
    for (String name : List.of(AdapterFolder.ADAPTER, AdapterFolder.PROJECTION)) {
      Safetensors saved = Safetensors.open(folder.resolve(name));
      SequencedMap<String, NDArray> tensors = new LinkedHashMap<>();
      saved
          .tensors()
          .keySet()
          .forEach(key -> tensors.put(key, Weights.load(mini.manager, saved, key).add(1)));
      SafetensorsWriter.write(folder.resolve(name), tensors, Map.of("format", "pt"));
    }
    AdapterFolder.load(folder, mini.fresh(plan), plan);
  }

  @Test
  void theBaseWeightThatPeftSavesBesideAHeadIsReadAndComparedWithTheDecoders() throws Exception {
    LoraSettings settings = onTargets("lm_head");
    AdapterPlan plan = mini.plan(settings);
    Trainables trainables = mini.trained(plan);
    AdapterFolder.save(folder, trainables, plan, mini.origin);
    Gpt2Weights weights = Gpt2Weights.open(mini.gpt2);
    NDArray head = weights.loadHead(mini.manager);
    for (float change : new float[] {0, 0.01f}) {
      SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
      saved.put("base_model.model.lm_head.base_layer.weight", head.add(change));
      saved.put("base_model.model.lm_head.lora_A.weight", trainables.array("lm_head.A"));
      saved.put("base_model.model.lm_head.lora_B.weight", trainables.array("lm_head.B"));
      SafetensorsWriter.write(folder.resolve(AdapterFolder.ADAPTER), saved, Map.of());
      Trainables loaded = mini.fresh(plan);
      List<String> warnings = AdapterFolder.load(folder, loaded, plan, weights);
      assertThat(loaded.array("lm_head.B")).isEqualTo(trainables.array("lm_head.B"));
      if (change == 0) {
        assertThat(warnings).isEmpty();
      } else {
        assertThat(warnings).singleElement().asString().contains("lm_head", "another GPT-2");
      }
    }
    assertThat(AdapterFolder.parameters(folder)).isEqualTo(trainables.parameters());
  }

  @Test
  void peftsOlderFileIsRead() throws Exception {
    LoraSettings settings = new LoraSettings(1, 2, 0, false, List.of("c_attn"), Map.of(), Map.of());
    AdapterPlan plan = mini.plan(settings);
    AdapterFolder.save(folder, mini.fresh(plan), plan, mini.origin);
    Files.delete(folder.resolve(AdapterFolder.ADAPTER));
    try (InputStream in = AdapterFolderTest.class.getResourceAsStream("adapter_model.bin")) {
      assertThat(in).isNotNull();
      Files.copy(in, folder.resolve("adapter_model.bin"));
    }
    Trainables loaded = mini.fresh(plan);
    AdapterFolder.load(folder, loaded, plan);
    float[] b = loaded.array("transformer.h.2.attn.c_attn.B").toFloatArray();
    assertThat(b).hasSize(480);
    assertThat(b[3]).isEqualTo(0.102f, within(1e-6f));
    assertThat(loaded.array("transformer.h.0.attn.c_attn.A").toFloatArray()[1])
        .isEqualTo(-0.02f, within(1e-6f));
    assertThat(AdapterFolder.parameters(folder)).isEqualTo(loaded.parameters());
  }

  @Test
  void anAdapterWithoutItsProjectionCaptionsNothing() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn"));
    AdapterFolder.save(folder, mini.trained(plan), plan, mini.origin);
    Files.delete(folder.resolve(AdapterFolder.PROJECTION));
    assertThatThrownBy(
            () -> VitGpt2Captioner.load(folder, mini.origin, GenerationConfig.builder().build()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(folder.toString(), "no projection.safetensors");
  }

  @Test
  void filesWithAByteOrderMarkAreReadAsThoseWithout() throws Exception {
    mini.saveWith(folder, EVERYWHERE, config -> config.put("init_lora_weights", "olora"));
    Path origin = folder.resolve(AdapterFolder.ORIGIN);
    MiniAdapters.change(origin, node -> node.put("decoder_initialized_by", "olora"));
    MiniAdapters.mark(origin);
    MiniAdapters.mark(folder.resolve(AdapterFolder.CONFIG));
    assertThat(AdapterFolder.settings(folder)).isEqualTo(EVERYWHERE);
    assertThat(AdapterFolder.Origin.read(folder)).isEqualTo(mini.origin);
  }

  @Test
  void whatCannotBeAPathIsNamedWithItsFile() throws Exception {
    Path origin = folder.resolve(AdapterFolder.ORIGIN);
    Files.writeString(
        origin,
        """
        {"encoder": "a\\u0000b", "decoder": "d", "tokenizer": "t", "visual_width": 4}
        """);
    assertThatThrownBy(() -> AdapterFolder.Origin.read(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            origin + " has encoder \"a\\u0000b\", and it must be a path", "copy the adapter again");
  }

  @Test
  void anArrayOfAnotherShapeIsNamedWithItsFile() throws Exception {
    mini.save(folder, new LoraSettings(8, 16, 0, false, List.of("c_attn"), Map.of(), Map.of()));
    MiniAdapters.change(folder.resolve(AdapterFolder.CONFIG), node -> node.put("r", 4));
    AdapterPlan plan = mini.plan(AdapterFolder.settings(folder));
    assertThatThrownBy(() -> AdapterFolder.load(folder, mini.fresh(plan), plan))
        .hasMessageContainingAll(
            folder.resolve(AdapterFolder.ADAPTER).toString(),
            "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight",
            "(8, 160)",
            "(4, 160)");
  }
}
