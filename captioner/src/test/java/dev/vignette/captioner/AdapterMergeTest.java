package dev.vignette.captioner;

import static dev.vignette.captioner.MiniAdapters.EVERYWHERE;
import static dev.vignette.captioner.MiniAdapters.NOWHERE;
import static dev.vignette.captioner.MiniAdapters.WIDTH;
import static dev.vignette.captioner.MiniAdapters.onTargets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.decoding.GenerationConfig;
import dev.vignette.files.FolderTree;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Weights;
import dev.vignette.torch.fixture.Tolerance;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterMergeTest {
  @TempDir Path folder;
  private final MiniAdapters mini = new MiniAdapters();

  @AfterEach
  void closeArrays() {
    mini.close();
  }

  @Test
  void mergedEqualsUnmerged() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    Trainables trainables = mini.trained(plan);
    NDArray unmerged = mini.logits(mini.gpt2, EVERYWHERE, trainables);
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, trainables, plan, mini.origin);
    AdapterMerge.merge(adapter, mini.origin, merged);
    Trainables projectionOnly = mini.fresh(mini.plan(NOWHERE));
    projectionOnly.set("proj.weight", trainables.array("proj.weight"));
    projectionOnly.set("proj.bias", trainables.array("proj.bias"));
    NDArray plain = mini.logits(merged, NOWHERE, projectionOnly);
    assertThat(Tolerance.relative(plain, unmerged)).isLessThan(1e-4);
    assertThat(Tolerance.relative(mini.logits(mini.gpt2, NOWHERE, projectionOnly), unmerged))
        .isGreaterThan(1e-2);
    assertThat(merged.resolve("tokenizer.json")).exists();
  }

  @Test
  void anAdapterIsNotAddedToADecoderThatItIsMergedInto() throws Exception {
    AdapterPlan plan = mini.plan(EVERYWHERE);
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, mini.trained(plan), plan, mini.origin);
    AdapterMerge.merge(adapter, mini.origin, merged);
    Path second = folder.resolve("second");
    AdapterFolder.save(second, mini.trained(plan), plan, mini.origin);
    AdapterFolder.Origin onMerged =
        new AdapterFolder.Origin(mini.origin.encoder(), merged, merged, WIDTH);
    assertThatThrownBy(() -> AdapterMerge.merge(adapter, onMerged, folder.resolve("twice")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll("is merged into", "already", "--decoder");
    assertThat(folder.resolve("twice")).doesNotExist();
    Path both = folder.resolve("both");
    assertThat(AdapterMerge.merge(second, onMerged, both))
        .singleElement()
        .asString()
        .contains("was trained on other weights than those of " + merged);
    // Another program that rewrites the weights keeps config.json, if not the header.
    Gpt2Weights weights = Gpt2Weights.open(both);
    Safetensors file = Safetensors.open(weights.file());
    SequencedMap<String, NDArray> tensors = new LinkedHashMap<>();
    file.tensors()
        .keySet()
        .forEach(name -> tensors.put(name, Weights.load(mini.manager, file, name)));
    SafetensorsWriter.write(weights.file(), tensors, Map.of());
    assertThat(Gpt2Weights.open(both).mergedAdapters()).hasSize(2);
  }

  @Test
  void aMergeTakesNoOtherModelsPlace() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn"));
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, mini.trained(plan), plan, mini.origin);
    AdapterMerge.merge(adapter, mini.origin, merged);
    byte[] before = Files.readAllBytes(merged.resolve("model.safetensors"));
    AdapterMerge.merge(adapter, mini.origin, merged);
    assertThat(merged.resolve("model.safetensors")).hasBinaryContent(before);
    AdapterFolder.save(adapter, mini.trained(plan), plan, mini.origin);
    Path link = Files.createSymbolicLink(folder.resolve("link"), adapter);
    for (Path taken : List.of(merged, adapter, link)) {
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, taken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--output is a folder without a model", taken.toString());
    }
    assertThat(merged.resolve("model.safetensors")).hasBinaryContent(before);
    Path file = folder.resolve("lora.safetensors");
    SafetensorsWriter.write(file, new LinkedHashMap<>(), Map.of());
    assertThatThrownBy(() -> LoralibImport.convert(file, 4, "visual", mini.origin, adapter))
        .hasMessageContaining("--output is a folder without a model");
  }

  @Test
  void aMergeReplacesNoFileThatSomebodyChanged() throws Exception {
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    mini.save(adapter, onTargets("c_attn"));
    AdapterMerge.merge(adapter, mini.origin, merged);
    for (String name : List.of("config.json", "tokenizer.json", "projection.safetensors")) {
      Path file = merged.resolve(name);
      byte[] own = Files.readAllBytes(file);
      byte[] changed = Arrays.copyOf(own, own.length + 1);
      Files.write(file, changed);
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, merged))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("--output would replace " + file, "move it away");
      assertThat(file).hasBinaryContent(changed);
      Files.delete(file); // as a killed merge leaves it
      AdapterMerge.merge(adapter, mini.origin, merged);
      assertThat(file).hasBinaryContent(own);
    }
  }

  @Test
  void aCaptionerIsNotLoadedOnADecoderThatHoldsItsAdapter() throws Exception {
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    mini.save(adapter, EVERYWHERE);
    AdapterMerge.merge(adapter, mini.origin, merged);
    // Another program that rewrites the weights may mark the file.
    MiniAdapters.mark(merged.resolve("config.json"));
    AdapterFolder.Origin onMerged =
        new AdapterFolder.Origin(mini.origin.encoder(), merged, merged, WIDTH);
    assertThatThrownBy(() -> VitGpt2Captioner.load(adapter, onMerged, GenerationConfig.greedy()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(adapter.toString(), "is merged into", merged.toString());
    VitGpt2Captioner.load(adapter, mini.origin, GenerationConfig.greedy()).close();
  }

  @Test
  void weightsThatAreNotFiniteAreNeverMerged() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn", "lm_head"));
    Path merged = folder.resolve("merged");
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e30f}) {
      Path adapter = folder.resolve("adapter" + value);
      Trainables trainables = mini.trained(plan);
      for (String matrix : List.of("lm_head.A", "lm_head.B")) {
        trainables.set(matrix, trainables.array(matrix).zerosLike().add(value));
      }
      AdapterFolder.save(adapter, trainables, plan, mini.origin);
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, merged))
          .as("%s", value)
          .isInstanceOf(WeightsException.class)
          .hasMessageContainingAll(adapter.toString(), "lm_head", "not finite numbers");
      assertThat(merged).doesNotExist();
    }
  }

  @Test
  void aMergeThatWasCutShortIsMadeAgainAndTwoAtOnceDoNotMix() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn"));
    Path adapter = folder.resolve("adapter");
    Path merged = folder.resolve("merged");
    AdapterFolder.save(adapter, mini.trained(plan), plan, mini.origin);
    AdapterMerge.merge(adapter, mini.origin, merged);
    Path weights = merged.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Path left = Files.createFile(merged.resolve(".model.safetensors.999999999.tmp"));
    for (String lost : List.of("model.safetensors", "tokenizer.json")) {
      Files.delete(merged.resolve(lost));
      AdapterMerge.merge(adapter, mini.origin, merged);
      assertThat(weights).hasBinaryContent(whole);
      assertThat(merged.resolve("tokenizer.json")).exists();
    }
    assertThat(left).doesNotExist();
    Files.write(weights, Arrays.copyOf(whole, 1000));
    assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, merged))
        .hasMessageContainingAll("--output is a folder without a model", "move that model away");
    Files.delete(weights);
    Files.writeString(merged.resolve("config.json"), "{}");
    assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--output is a folder without a model", "config.json");
    Path other = folder.resolve("other");
    try (ProcessLock _ = OutputFolder.take(other, "model.safetensors")) {
      assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is being written by another process");
    }
    assertThat(other.resolve("config.json")).doesNotExist();
  }

  @Test
  void weightsThatCannotBeWrittenLeaveNoModel() throws Exception {
    AdapterPlan plan = mini.plan(onTargets("c_attn"));
    Path adapter = folder.resolve("adapter");
    AdapterFolder.save(adapter, mini.trained(plan), plan, mini.origin);
    Path merged = Files.createDirectory(folder.resolve("merged"));
    String temporary = ".model.safetensors.%d.tmp".formatted(ProcessHandle.current().pid());
    Files.createDirectories(merged.resolve(temporary).resolve("in the way"));
    assertThatThrownBy(() -> AdapterMerge.merge(adapter, mini.origin, merged))
        .isInstanceOf(UnwritableFileException.class)
        .hasMessageContainingAll("model.safetensors cannot be written", "merge again");
    assertThat(merged.resolve("model.safetensors")).doesNotExist();
    FolderTree.delete(merged.resolve(temporary));
    AdapterMerge.merge(adapter, mini.origin, merged);
    assertThat(merged.resolve("model.safetensors")).exists();
  }
}
