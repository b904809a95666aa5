package dev.vignette.captioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.AdapterSlot;
import dev.vignette.captioner.model.BatchAssembler;
import dev.vignette.captioner.model.CaptionDecoder;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.captioner.model.TrainingBatch;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.torch.Precision;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Torch;
import dev.vignette.torch.Weights;
import dev.vignette.torch.fixture.SharedData;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AdapterExchangeTest {
  private static final int WIDTH = 128;
  private static final LoraSettings EVERYWHERE =
      new LoraSettings(
          8,
          16,
          0,
          false,
          List.of("c_attn", "c_proj", "c_fc", "wte", "wpe", "lm_head"),
          Map.of("lm_head", 4, "attn.c_proj", 2),
          Map.of("mlp.c_proj", 3.0));
  private static final LoraSettings NOWHERE =
      new LoraSettings(8, 16, 0, false, List.of(), Map.of(), Map.of());

  @TempDir Path folder;
  private final NDManager manager = Torch.newManager();
  private final Path gpt2 = SharedData.inRepository("models/mini/gpt2");
  private final AdapterFolder.Origin origin =
      new AdapterFolder.Origin(SharedData.inRepository("models/mini/vit"), gpt2, gpt2, WIDTH);

  @AfterEach
  void closeArrays() {
    manager.close();
  }

  private Trainables fresh(AdapterPlan plan) {
    return Trainables.fresh(manager, plan, WIDTH, 160, 7);
  }

  /** An adapter whose B is not zero. */
  private Trainables trained(AdapterPlan plan) {
    Trainables trainables = fresh(plan);
    trainables
        .arrays()
        .forEach((name, array) -> {
          if (!name.startsWith("proj.")) {
            trainables.set(
                name, manager.randomNormal(0, 0.05f, array.getShape(), array.getDataType()));
          }
        });
    return trainables;
  }

  private NDArray logits(Gpt2Weights weights, AdapterPlan plan, Trainables trainables) {
    Torch.seed(5);
    NDArray features = manager.randomNormal(new Shape(2, 5, WIDTH));
    TrainingBatch batch =
        new BatchAssembler(5, true)
            .assemble(
                manager,
                features,
                List.of(
                    List.of(new long[] {777, 5, 6, 777}, new long[] {777, 9, 777}),
                    List.of(new long[] {777, 3, 4, 777}, new long[] {777, 8, 777})));
    try (CaptionDecoder decoder =
        new CaptionDecoder(
            manager,
            weights,
            plan,
            trainables,
            5,
            CaptionDecoder.Regularization.NONE,
            Precision.FP32)) {
      return decoder.logits(manager, batch);
    }
  }

  private NDArray logits(Path model, LoraSettings settings, Trainables trainables)
      throws Exception {
    Gpt2Weights weights = Gpt2Weights.open(model);
    return logits(weights, AdapterPlan.of(weights.config(), settings), trainables);
  }

  private AdapterPlan plan(LoraSettings settings) throws Exception {
    return AdapterPlan.of(Gpt2Weights.open(gpt2).config(), settings);
  }

  @Test
  void aFreshAdapterGivesTheBaseModelsLogits() throws Exception {
    NDArray base = logits(gpt2, NOWHERE, fresh(plan(NOWHERE)));
    NDArray adapted = logits(gpt2, EVERYWHERE, fresh(plan(EVERYWHERE)));
    assertThat(Tolerance.absolute(adapted, base)).isZero();
  }

  @Test
  void aSavedAdapterIsLoadedBack() throws Exception {
    AdapterPlan plan = plan(EVERYWHERE);
    Trainables trainables = trained(plan);
    AdapterFolder.save(folder, trainables, plan, origin);
    assertThat(AdapterFolder.settings(folder)).isEqualTo(EVERYWHERE);
    assertThat(AdapterFolder.Origin.read(folder)).isEqualTo(origin);
    Trainables loaded = fresh(plan);
    AdapterFolder.load(folder, loaded, plan);
    trainables
        .arrays()
        .forEach((name, array) -> assertThat(loaded.array(name)).as(name).isEqualTo(array));
  }

  @Test
  void filesHaveTheNamesThatPeftGives() throws Exception {
    AdapterPlan plan = plan(EVERYWHERE);
    AdapterFolder.save(folder, fresh(plan), plan, origin);
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
    AdapterPlan plan = plan(EVERYWHERE);
    AdapterFolder.save(folder, fresh(plan), plan, origin);
    LoraSettings fewer = new LoraSettings(8, 16, 0, false, List.of("c_attn"), Map.of(), Map.of());
    assertThatThrownBy(() -> AdapterFolder.load(folder, fresh(plan(fewer)), plan(fewer)))
        .hasMessageContaining("extra")
        .hasMessageContaining("lm_head.lora_A.weight");
  }

  @Test
  void mergedEqualsUnmerged() throws Exception {
    AdapterPlan plan = plan(EVERYWHERE);
    Trainables trainables = trained(plan);
    NDArray unmerged = logits(gpt2, EVERYWHERE, trainables);
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, trainables, plan, origin);
    AdapterMerge.merge(adapter, origin, merged);
    Trainables projectionOnly = fresh(plan(NOWHERE));
    projectionOnly.set("proj.weight", trainables.array("proj.weight"));
    projectionOnly.set("proj.bias", trainables.array("proj.bias"));
    NDArray plain = logits(merged, NOWHERE, projectionOnly);
    assertThat(Tolerance.relative(plain, unmerged)).isLessThan(1e-4);
    assertThat(Tolerance.relative(logits(gpt2, NOWHERE, projectionOnly), unmerged))
        .isGreaterThan(1e-2);
    assertThat(merged.resolve("tokenizer.json")).exists();
  }

  @Test
  void keysWithoutPrefixAreReadToo() throws Exception {
    Safetensors original = Safetensors.open(gpt2.resolve("model.safetensors"));
    SequencedMap<String, NDArray> bare = new LinkedHashMap<>();
    for (String name : original.tensors().keySet()) {
      bare.put(name.replace("transformer.", ""), Weights.load(manager, original, name));
    }
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, bare, Map.of());
    Files.copy(gpt2.resolve("config.json"), folder.resolve("config.json"));
    Trainables trainables = fresh(plan(NOWHERE));
    assertThat(logits(folder, NOWHERE, trainables)).isEqualTo(logits(gpt2, NOWHERE, trainables));
  }

  @Test
  void anAdapterOfLoralibIsTaken() throws Exception {
    LoraSettings settings =
        new LoraSettings(4, 4, 0, false, List.of("c_attn", "lm_head"), Map.of(), Map.of());
    AdapterPlan plan = plan(settings);
    Trainables trainables = trained(plan);
    SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, saved, Map.of());
    Path target = folder.resolve("adapter");
    LoralibImport.convert(file, 4, "visual", origin, target);
    LoraSettings read = AdapterFolder.settings(target);
    AdapterPlan readPlan = plan(read);
    Trainables loaded = fresh(readPlan);
    AdapterFolder.load(target, loaded, readPlan);
    assertThat(logits(gpt2, read, loaded)).isEqualTo(logits(gpt2, settings, trainables));
  }

  @Test
  void aLoralibMatrixWithoutItsPartnerIsRefusedByName() throws Exception {
    Trainables trainables = trained(plan(onTargets("c_attn")));
    for (String missing : List.of("h.2.attn.c_attn.lora_A", "h.2.attn.c_attn.lora_B")) {
      SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
      trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
      saved.remove("decoder.transformer." + missing);
      Path file = folder.resolve("lora.safetensors");
      SafetensorsWriter.write(file, saved, Map.of());
      String left = missing.endsWith("A") ? "lora_B" : "lora_A";
      assertThatThrownBy(
              () -> LoralibImport.convert(file, 16, "visual", origin, folder.resolve("adapter")))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("[decoder.transformer.h.2.attn.c_attn." + left + "]");
      assertThat(folder.resolve("adapter")).doesNotExist();
    }
  }

  private JsonNode savedTargets(LoraSettings settings) throws Exception {
    AdapterPlan plan = plan(settings);
    AdapterFolder.save(folder, fresh(plan), plan, origin);
    return JsonMapper.shared()
        .readTree(Files.readString(folder.resolve("adapter_config.json")))
        .required("target_modules");
  }

  private static LoraSettings onTargets(String... targets) {
    return new LoraSettings(8, 16, 0, false, List.of(targets), Map.of(), Map.of());
  }

  @Test
  void targetsByRegularExpressionAreSavedAsPeftsTextAndReadBack() throws Exception {
    assertThat(savedTargets(onTargets("c_attn", "mlp.c_proj")).isArray()).isTrue();
    LoraSettings settings = onTargets("h\\.[12]\\.attn\\.c_attn", "lm_head");
    String saved = savedTargets(settings).asString();
    assertThat(saved).isEqualTo("(?:.*\\.)?(?:h\\.[12]\\.attn\\.c_attn|lm_head)");
    LoraSettings read = AdapterFolder.settings(folder);
    assertThat(plan(read).slots()).isEqualTo(plan(settings).slots()).hasSize(3);
    AdapterFolder.load(folder, fresh(plan(read)), plan(read));
    assertThat(savedTargets(read).asString()).isEqualTo(saved);
  }

  @Test
  void peftsTextMustMatchWholeNames() throws Exception {
    savedTargets(onTargets("c_attn"));
    Path file = folder.resolve("adapter_config.json");
    ObjectNode config = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
    Files.writeString(file, config.put("target_modules", ".*\\.c_attn|lm_head").toString());
    assertThat(plan(AdapterFolder.settings(folder)).slots()).hasSize(5);
    Files.writeString(file, config.put("target_modules", "all-linear").toString());
    assertThat(plan(AdapterFolder.settings(folder)).slots()).hasSize(16);
    Files.writeString(file, config.put("target_modules", "c_attn").toString());
    LoraSettings partial = AdapterFolder.settings(folder);
    assertThatThrownBy(() -> plan(partial)).hasMessageContaining("c_attn");
  }

  private static String loralibName(String name) {
    return name.startsWith("proj.")
        ? name.replace("proj.", "visual.")
        : "decoder." + name.replace(".A", ".lora_A").replace(".B", ".lora_B");
  }

  @Test
  void anAdapterThatWasNotSavedWithItsProjectionIsRefused() throws Exception {
    AdapterPlan plan = plan(EVERYWHERE);
    AdapterFolder.save(folder, trained(plan), plan, origin);
    Path other = folder.resolve("other");
    Trainables moved = trained(plan);
    moved.set("proj.bias", manager.ones(new Shape(160)));
    AdapterFolder.save(other, moved, plan, origin);
    Files.copy(
        other.resolve(AdapterFolder.PROJECTION),
        folder.resolve(AdapterFolder.PROJECTION),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> AdapterFolder.load(folder, fresh(plan), plan))
        .hasMessageContaining("not saved together");
  }

  @Test
  void aDamagedConfigurationIsSaidInASentence() throws Exception {
    AdapterPlan plan = plan(EVERYWHERE);
    AdapterFolder.save(folder, trained(plan), plan, origin);
    Files.writeString(folder.resolve(AdapterFolder.CONFIG), "{");
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("damaged");
  }

  /** Saves an adapter and returns its configuration, changed by {@code change}. */
  private void saveWith(LoraSettings settings, Consumer<ObjectNode> change) throws Exception {
    AdapterPlan plan = plan(settings);
    AdapterFolder.save(folder, trained(plan), plan, origin);
    Path file = folder.resolve(AdapterFolder.CONFIG);
    ObjectNode config = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
    change.accept(config);
    Files.writeString(file, config.toString());
  }

  private List<String> modules() throws Exception {
    return plan(AdapterFolder.settings(folder)).slots().stream().map(AdapterSlot::module).toList();
  }

  @Test
  void layersToTransformAndExcludedModulesNarrowTheTargets() throws Exception {
    LoraSettings targets = onTargets("c_attn", "c_proj", "lm_head");
    saveWith(targets, config -> config.putArray("layers_to_transform").add(1).add(3));
    assertThat(modules()).hasSize(6).allMatch(module -> module.matches(".*\\.h\\.[13]\\..*"));
    saveWith(
        targets,
        config -> {
          config.put("layers_to_transform", 2).put("layers_pattern", "h");
          config.putArray("exclude_modules").add("mlp.c_proj");
        });
    assertThat(modules())
        .containsExactly("transformer.h.2.attn.c_attn", "transformer.h.2.attn.c_proj");
    saveWith(targets, config -> config.put("exclude_modules", ".*\\.[0-2]\\..*|lm_head"));
    assertThat(modules())
        .containsExactly(
            "transformer.h.3.attn.c_attn",
            "transformer.h.3.attn.c_proj",
            "transformer.h.3.mlp.c_proj");
    assertThat(plan(AdapterFolder.settings(folder)).slots().getFirst().rank()).isEqualTo(8);
    saveWith(
        targets,
        config -> config.put("target_modules", "all-linear").put("layers_to_transform", 0));
    assertThat(modules()).hasSize(4);
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
      saveWith(onTargets("c_attn"), config -> config.set(setting.getKey(), value));
      assertThatThrownBy(() -> AdapterFolder.settings(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("sets %s to %s".formatted(setting.getKey(), value), "merge");
    }
    saveWith(
        onTargets("c_attn"),
        config -> config.put("bias", "none").put("lora_bias", false).putArray("modules_to_save"));
    assertThat(modules()).hasSize(4);
  }

  @Test
  void initializationsThatChangeTheBaseAreRefusedUnlessTheDecoderIsTheChangedOne()
      throws Exception {
    for (String name : List.of("pissa", "pissa_niter_16", "loftq", "corda", "olora", "lora_ga")) {
      saveWith(onTargets("c_attn"), config -> config.put("init_lora_weights", name));
      assertThatThrownBy(() -> AdapterFolder.settings(folder))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("init_lora_weights to \"" + name + "\"", "captioner.json");
    }
    Path file = folder.resolve(AdapterFolder.ORIGIN);
    ObjectNode declared = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
    Files.writeString(file, declared.put("decoder_initialized_by", "lora_ga").toString());
    assertThat(modules()).hasSize(4);
    saveWith(onTargets("c_attn"), config -> config.put("init_lora_weights", "gaussian"));
    assertThat(modules()).hasSize(4);
  }

  @Test
  void aSettingThatIsMissingOrNoNumberIsNamed() throws Exception {
    saveWith(onTargets("c_attn"), config -> config.remove("r"));
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .hasMessageContainingAll("adapter_config.json", "no r,", "a whole number");
    saveWith(onTargets("c_attn"), config -> config.put("lora_alpha", "many"));
    assertThatThrownBy(() -> AdapterFolder.settings(folder))
        .hasMessageContainingAll("lora_alpha \"many\"", "a number");
    Files.writeString(folder.resolve(AdapterFolder.ORIGIN), "{\"encoder\": \"vit\"}");
    assertThatThrownBy(() -> AdapterFolder.Origin.read(folder))
        .hasMessageContainingAll("captioner.json", "no decoder,", "a text");
  }

  @Test
  void theBaseWeightThatPeftSavesBesideAHeadIsReadAndComparedWithTheDecoders() throws Exception {
    LoraSettings settings = onTargets("lm_head");
    AdapterPlan plan = plan(settings);
    Trainables trainables = trained(plan);
    AdapterFolder.save(folder, trainables, plan, origin);
    Gpt2Weights weights = Gpt2Weights.open(gpt2);
    NDArray head = weights.loadHead(manager);
    for (float change : new float[] {0, 0.01f}) {
      SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
      saved.put("base_model.model.lm_head.base_layer.weight", head.add(change));
      saved.put("base_model.model.lm_head.lora_A.weight", trainables.array("lm_head.A"));
      saved.put("base_model.model.lm_head.lora_B.weight", trainables.array("lm_head.B"));
      SafetensorsWriter.write(folder.resolve(AdapterFolder.ADAPTER), saved, Map.of());
      Trainables loaded = fresh(plan);
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
    AdapterPlan plan = plan(settings);
    AdapterFolder.save(folder, fresh(plan), plan, origin);
    Files.delete(folder.resolve(AdapterFolder.ADAPTER));
    try (InputStream in = AdapterExchangeTest.class.getResourceAsStream("adapter_model.bin")) {
      assertThat(in).isNotNull();
      Files.copy(in, folder.resolve("adapter_model.bin"));
    }
    Trainables loaded = fresh(plan);
    AdapterFolder.load(folder, loaded, plan);
    float[] b = loaded.array("transformer.h.2.attn.c_attn.B").toFloatArray();
    assertThat(b).hasSize(480);
    assertThat(b[3]).isEqualTo(0.102f, within(1e-6f));
    assertThat(loaded.array("transformer.h.0.attn.c_attn.A").toFloatArray()[1])
        .isEqualTo(-0.02f, within(1e-6f));
    assertThat(AdapterFolder.parameters(folder)).isEqualTo(loaded.parameters());
  }

  @Test
  void anAdapterIsNotAddedToADecoderThatItIsMergedInto() throws Exception {
    AdapterPlan plan = plan(EVERYWHERE);
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, trained(plan), plan, origin);
    AdapterMerge.merge(adapter, origin, merged);
    Path second = folder.resolve("second");
    AdapterFolder.save(second, trained(plan), plan, origin);
    AdapterFolder.Origin onMerged =
        new AdapterFolder.Origin(origin.encoder(), merged, merged, WIDTH);
    assertThatThrownBy(() -> AdapterMerge.merge(adapter, onMerged, folder.resolve("twice")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("is merged into", "already", "--decoder");
    assertThat(folder.resolve("twice")).doesNotExist();
    Path both = folder.resolve("both");
    AdapterMerge.merge(second, onMerged, both);
    // Another program that rewrites the weights keeps config.json, if not the header.
    Gpt2Weights weights = Gpt2Weights.open(both);
    Safetensors file = Safetensors.open(weights.file());
    SequencedMap<String, NDArray> tensors = new LinkedHashMap<>();
    file.tensors().keySet().forEach(name -> tensors.put(name, Weights.load(manager, file, name)));
    SafetensorsWriter.write(weights.file(), tensors, Map.of());
    assertThat(Gpt2Weights.open(both).mergedAdapters()).hasSize(2);
  }

  @Test
  void aMergeTakesNoOtherModelsPlace() throws Exception {
    AdapterPlan plan = plan(onTargets("c_attn"));
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, trained(plan), plan, origin);
    AdapterMerge.merge(adapter, origin, merged);
    byte[] before = Files.readAllBytes(merged.resolve("model.safetensors"));
    AdapterMerge.merge(adapter, origin, merged);
    assertThat(merged.resolve("model.safetensors")).hasBinaryContent(before);
    AdapterFolder.save(adapter, trained(plan), plan, origin);
    Path link = Files.createSymbolicLink(folder.resolve("link"), adapter);
    for (Path taken : List.of(merged, adapter, link)) {
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, origin, taken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--output is a folder without a model", taken.toString());
    }
    assertThat(merged.resolve("model.safetensors")).hasBinaryContent(before);
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, new LinkedHashMap<>(), Map.of());
    assertThatThrownBy(() -> LoralibImport.convert(file, 4, "visual", origin, adapter))
        .hasMessageContaining("--output is a folder without a model");
  }

  @Test
  void anAdapterWithoutItsProjectionCaptionsNothing() throws Exception {
    AdapterPlan plan = plan(onTargets("c_attn"));
    AdapterFolder.save(folder, trained(plan), plan, origin);
    Files.delete(folder.resolve(AdapterFolder.PROJECTION));
    assertThatThrownBy(
            () -> VitGpt2Captioner.load(folder, origin, GenerationConfig.builder().build()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(folder.toString(), "no projection.safetensors");
  }
}
