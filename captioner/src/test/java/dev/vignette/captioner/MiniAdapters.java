package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.AdapterSlot;
import dev.vignette.captioner.model.DecoderLogits;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.LoraSettings;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.torch.Torch;
import dev.vignette.torch.fixture.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Adapters on the miniature GPT-2, and what it says with them. */
final class MiniAdapters implements AutoCloseable {
  static final int WIDTH = 128;
  static final LoraSettings EVERYWHERE =
      new LoraSettings(
          8,
          16,
          0,
          false,
          List.of("c_attn", "c_proj", "c_fc", "wte", "wpe", "lm_head"),
          Map.of("lm_head", 4, "attn.c_proj", 2),
          Map.of("mlp.c_proj", 3.0));
  static final LoraSettings NOWHERE = onTargets();

  final NDManager manager = Torch.newManager();
  final Path gpt2 = SharedData.inRepository("models/mini/gpt2");
  final AdapterFolder.Origin origin =
      new AdapterFolder.Origin(SharedData.inRepository("models/mini/vit"), gpt2, gpt2, WIDTH);

  static LoraSettings onTargets(String... targets) {
    return new LoraSettings(8, 16, 0, false, List.of(targets), Map.of(), Map.of());
  }

  AdapterPlan plan(LoraSettings settings) throws IOException {
    return AdapterPlan.of(Gpt2Weights.open(gpt2).config(), settings);
  }

  Trainables fresh(AdapterPlan plan) {
    return Trainables.fresh(manager, plan, WIDTH, 160, 7);
  }

  /** An adapter whose B is not zero. */
  Trainables trained(AdapterPlan plan) {
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

  /** Trains an adapter, as it were, and saves it. */
  Trainables save(Path folder, LoraSettings settings) throws IOException {
    AdapterPlan plan = plan(settings);
    Trainables trainables = trained(plan);
    AdapterFolder.save(folder, trainables, plan, origin);
    return trainables;
  }

  /** Saves an adapter whose configuration is changed by {@code change}. */
  void saveWith(Path folder, LoraSettings settings, Consumer<ObjectNode> change)
      throws IOException {
    save(folder, settings);
    change(folder.resolve(AdapterFolder.CONFIG), change);
  }

  static void change(Path json, Consumer<ObjectNode> change) throws IOException {
    ObjectNode node = (ObjectNode) JsonMapper.shared().readTree(Files.readAllBytes(json));
    change.accept(node);
    Files.writeString(json, node.toString());
  }

  /** Puts a byte order mark before a file's text. */
  static void mark(Path file) throws IOException {
    Files.writeString(file, "\uFEFF" + Files.readString(file));
  }

  /** The modules that a saved adapter changes. */
  List<String> modules(Path folder) throws IOException {
    return plan(AdapterFolder.settings(folder)).slots().stream().map(AdapterSlot::module).toList();
  }

  NDArray logits(Path model, LoraSettings settings, Trainables trainables) throws IOException {
    Gpt2Weights weights = Gpt2Weights.open(model);
    return DecoderLogits.of(
        manager, weights, AdapterPlan.of(weights.config(), settings), trainables);
  }

  @Override
  public void close() {
    manager.close();
  }
}
