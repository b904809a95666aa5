package dev.vignette.captioner;

import static dev.vignette.captioner.MiniAdapters.onTargets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoralibImportTest {
  @TempDir Path folder;
  private final MiniAdapters mini = new MiniAdapters();

  @AfterEach
  void closeArrays() {
    mini.close();
  }

  private static String loralibName(String name) {
    return name.startsWith("proj.")
        ? name.replace("proj.", "visual.")
        : "decoder." + name.replace(".A", ".lora_A").replace(".B", ".lora_B");
  }

  @Test
  void anAdapterOfLoralibIsTaken() throws Exception {
    LoraSettings settings =
        new LoraSettings(4, 4, 0, false, List.of("c_attn", "lm_head"), Map.of(), Map.of());
    AdapterPlan plan = mini.plan(settings);
    Trainables trainables = mini.trained(plan);
    SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, saved, Map.of());
    Path target = folder.resolve("adapter");
    LoralibImport.convert(file, 4, "visual", mini.origin, target);
    LoraSettings read = AdapterFolder.settings(target);
    AdapterPlan readPlan = mini.plan(read);
    Trainables loaded = mini.fresh(readPlan);
    AdapterFolder.load(target, loaded, readPlan);
    assertThat(mini.logits(mini.gpt2, read, loaded))
        .isEqualTo(mini.logits(mini.gpt2, settings, trainables));
    for (String lost :
        List.of(AdapterFolder.ADAPTER, AdapterFolder.PROJECTION, AdapterFolder.CONFIG)) {
      Files.delete(target.resolve(AdapterFolder.ADAPTER)); // it comes last
      Files.deleteIfExists(target.resolve(lost));
      if (lost.equals(AdapterFolder.CONFIG)) {
        Files.delete(target.resolve(AdapterFolder.PROJECTION));
      }
      LoralibImport.convert(file, 4, "visual", mini.origin, target);
      assertThat(AdapterFolder.settings(target)).isEqualTo(read);
    }
    Files.delete(target.resolve(AdapterFolder.ADAPTER));
    Path projection = target.resolve(AdapterFolder.PROJECTION);
    byte[] own = Files.readAllBytes(projection);
    byte[] foreign = own.clone();
    foreign[foreign.length - 1] ^= 1;
    Files.write(projection, foreign);
    assertThatThrownBy(() -> LoralibImport.convert(file, 4, "visual", mini.origin, target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--output is a folder without a model");
    assertThat(projection).hasBinaryContent(foreign);
    Files.write(projection, own);
    Files.writeString(target.resolve(AdapterFolder.CONFIG), "{}");
    assertThatThrownBy(() -> LoralibImport.convert(file, 4, "visual", mini.origin, target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--output is a folder without a model");
  }

  @Test
  void aLoralibMatrixWithoutItsPartnerIsRefusedByName() throws Exception {
    Trainables trainables = mini.trained(mini.plan(onTargets("c_attn")));
    for (String missing : List.of("h.2.attn.c_attn.lora_A", "h.2.attn.c_attn.lora_B")) {
      SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
      trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
      saved.remove("decoder.transformer." + missing);
      Path file = folder.resolve("lora.safetensors");
      SafetensorsWriter.write(file, saved, Map.of());
      String left = missing.endsWith("A") ? "lora_B" : "lora_A";
      assertThatThrownBy(() ->
              LoralibImport.convert(file, 16, "visual", mini.origin, folder.resolve("adapter")))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("[decoder.transformer.h.2.attn.c_attn." + left + "]");
      assertThat(folder.resolve("adapter")).doesNotExist();
    }
  }

  @Test
  void weightsBesideTheAdapterMustBeTheDecodersOwnAndOthersAreTold() throws Exception {
    Trainables trainables = mini.trained(mini.plan(onTargets("c_attn")));
    Gpt2Weights decoder = Gpt2Weights.open(mini.gpt2);
    SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
    String bias = "h.0.attn.c_attn.bias";
    saved.put("decoder.transformer." + bias, decoder.load(mini.manager, bias));
    saved.put("decoder.lm_head.weight", decoder.loadHead(mini.manager));
    saved.put("decoder.transformer.h.0.attn.masked_bias", mini.manager.ones(new Shape(1)));
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, saved, Map.of());
    Path target = folder.resolve("adapter");
    assertThat(LoralibImport.convert(file, 1, "visual", mini.origin, target)).isEmpty();

    String linear = "h.1.attn.c_attn.weight"; // as nn.Linear keeps it
    saved.put("decoder.transformer." + linear, decoder.load(mini.manager, linear).transpose());
    String added = "h.2.attn.c_attn.weight"; // as loralib's eval() leaves it
    NDArray change =
        trainables
            .array("transformer.h.2.attn.c_attn.B")
            .matMul(trainables.array("transformer.h.2.attn.c_attn.A"))
            .div(8); // alpha 1 of rank 8
    saved.put(
        "decoder.transformer." + added, decoder.load(mini.manager, added).transpose().add(change));
    SafetensorsWriter.write(file, saved, Map.of());
    Path forms = folder.resolve("forms");
    assertThat(LoralibImport.convert(file, 1, "visual", mini.origin, forms)).isEmpty();
    assertThatThrownBy(
            () -> LoralibImport.convert(file, 32, "visual", mini.origin, folder.resolve("none")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("(1): decoder.transformer." + added, "--alpha");

    saved.put("visual.2.weight", mini.manager.ones(new Shape(160, 160)));
    SafetensorsWriter.write(file, saved, Map.of());
    Path other = folder.resolve("other");
    assertThat(LoralibImport.convert(file, 1, "visual", mini.origin, other))
        .singleElement()
        .asString()
        .contains("lora.safetensors", "not taken (1): visual.2.weight");

    Map<String, NDArray> trained =
        Map.of(
            bias,
            decoder.load(mini.manager, bias).add(0.01),
            "ln_f.weight",
            mini.manager.ones(new Shape(3)));
    for (Map.Entry<String, NDArray> weight : trained.entrySet()) {
      SequencedMap<String, NDArray> more = new LinkedHashMap<>(saved);
      more.put("decoder.transformer." + weight.getKey(), weight.getValue());
      SafetensorsWriter.write(file, more, Map.of());
      Path none = folder.resolve("none");
      assertThatThrownBy(() -> LoralibImport.convert(file, 1, "visual", mini.origin, none))
          .isInstanceOf(WeightsException.class)
          .hasMessageContainingAll(
              "lora.safetensors", "(1): decoder.transformer." + weight.getKey(), "--decoder");
      assertThat(none).doesNotExist();
    }
  }

  @Test
  void whatADecoderHoldsAlreadyIsNotImportedOntoIt() throws Exception {
    Path adapter = folder.resolve("adapter");
    LoraSettings settings = onTargets("c_attn");
    SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
    mini.save(adapter, settings)
        .arrays()
        .forEach((name, array) -> saved.put(loralibName(name), array));
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, saved, Map.of());
    Path merged = folder.resolve("merged");
    AdapterMerge.merge(adapter, mini.origin, merged);
    AdapterFolder.Origin onMerged =
        new AdapterFolder.Origin(mini.origin.encoder(), merged, merged, MiniAdapters.WIDTH);
    Path target = folder.resolve("imported");
    assertThatThrownBy(() -> LoralibImport.convert(file, 16, "visual", onMerged, target))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("lora.safetensors is merged into", merged.toString());
    assertThat(target).doesNotExist();
  }

  @Test
  void theFoldersOfATrainingRunAreNoOutput() throws Exception {
    Path run = Files.createDirectories(folder.resolve("runs/mini"));
    Files.createFile(run.resolve("config.yaml"));
    Files.createFile(run.resolve("metrics.jsonl"));
    Path adapter = folder.resolve("adapter");
    mini.save(adapter, onTargets("c_attn"));
    for (String name : List.of("", "best", "last", "x/../best")) {
      assertThatThrownBy(() ->
              LoralibImport.convert(
                  folder.resolve("none"), 1, "visual", mini.origin, run.resolve(name)))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--output", "belongs to the training run", run.toString());
      Path link = folder.resolve("link");
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, run.resolve(name).normalize());
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, link))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("belongs to the training run");
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, run.resolve(name)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("belongs to the training run");
    }
    AdapterMerge.merge(adapter, mini.origin, run.resolve("merged"));
  }

  @Test
  void aTiedHeadHasWhatLoralibAddedToTheEmbedding() throws Exception {
    Trainables trainables = mini.trained(mini.plan(onTargets("wte")));
    Gpt2Weights decoder = Gpt2Weights.open(mini.gpt2);
    SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
    NDArray change =
        trainables
            .array("transformer.wte.B")
            .matMul(trainables.array("transformer.wte.A"))
            .div(8) // alpha 1 of rank 8
            .transpose();
    NDArray added = decoder.load(mini.manager, "wte.weight").add(change);
    saved.put("decoder.transformer.wte.weight", added);
    saved.put("decoder.lm_head.weight", added);
    String drifted = "decoder.lm_head.weight";
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, saved, Map.of());
    assertThat(LoralibImport.convert(file, 1, "visual", mini.origin, folder.resolve("adapter")))
        .isEmpty();
    saved.put(drifted, decoder.loadHead(mini.manager).mul(1.00002)); // added and taken away often
    SafetensorsWriter.write(file, saved, Map.of());
    assertThat(LoralibImport.convert(file, 1, "visual", mini.origin, folder.resolve("other")))
        .isEmpty();
    saved.put(drifted, decoder.loadHead(mini.manager).mul(1.01));
    SafetensorsWriter.write(file, saved, Map.of());
    assertThatThrownBy(
            () -> LoralibImport.convert(file, 1, "visual", mini.origin, folder.resolve("none")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("(1): decoder.lm_head.weight");
  }

  @Test
  void anAlphaThatCannotBeIsNamedAsTheOption() throws Exception {
    Trainables trainables = mini.trained(mini.plan(onTargets("c_attn")));
    SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
    trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, saved, Map.of());
    Path target = folder.resolve("adapter");
    for (double alpha :
        new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e300, Double.MIN_VALUE}) {
      assertThatThrownBy(() -> LoralibImport.convert(file, alpha, "visual", mini.origin, target))
          .as("%s", alpha)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("--alpha ")
          .hasMessageNotContaining("lora.");
      assertThat(target).doesNotExist();
    }
  }

  @Test
  void matricesThatAreNotFiniteAreNotImported() throws Exception {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Trainables trainables = mini.trained(mini.plan(onTargets("c_attn")));
      SequencedMap<String, NDArray> saved = new LinkedHashMap<>();
      trainables.arrays().forEach((name, array) -> saved.put(loralibName(name), array));
      String broken = "decoder.transformer.h.1.attn.c_attn.lora_B";
      saved.computeIfPresent(broken, (name, array) -> array.add(value));
      Path file = folder.resolve("lora.safetensors");
      SafetensorsWriter.write(file, saved, Map.of());
      Path target = folder.resolve("adapter");
      assertThatThrownBy(() -> LoralibImport.convert(file, 1, "visual", mini.origin, target))
          .isInstanceOf(WeightsException.class)
          .hasMessageContainingAll("lora.safetensors", broken, "not finite numbers");
      assertThat(target).doesNotExist();
    }
  }
}
