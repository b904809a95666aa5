package dev.vignette.captioner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.vignette.captioner.model.AdapterPlan;
import dev.vignette.captioner.model.AdapterSlot;
import dev.vignette.captioner.model.Gpt2Weights;
import dev.vignette.captioner.model.Trainables;
import dev.vignette.files.AtomicFile;
import dev.vignette.files.OutputFolder;
import dev.vignette.files.ProcessLock;
import dev.vignette.files.faults.UnwritableFileException;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.SafetensorsWriter;
import dev.vignette.torch.Torch;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Adds an adapter to its GPT-2: plain weights that anything reads. The head gets a weight of its
 * own, since adding to a tied one would change the token embedding too.
 */
public final class AdapterMerge {
  private static final String HEAD = "lm_head";
  private static final String WEIGHTS = "model.safetensors";

  private AdapterMerge() {}

  /** The merged tensors under Hugging Face's keys, all owned by {@code manager}. */
  static SequencedMap<String, NDArray> merged(
      NDManager manager, Gpt2Weights weights, AdapterPlan plan, Trainables trainables) {
    SequencedMap<String, NDArray> result = new LinkedHashMap<>();
    for (String name : Gpt2Weights.shapes(weights.config()).keySet()) {
      NDArray base = weights.load(manager, name);
      Optional<NDArray> added = added(name, plan, trainables);
      result.put("transformer." + name, added.isEmpty() ? base : base.add(added.get()));
    }
    NDArray head = weights.loadHead(manager);
    Optional<NDArray> added = added(Gpt2Weights.HEAD, plan, trainables);
    result.put(Gpt2Weights.HEAD, added.isEmpty() ? head : head.add(added.get()));
    return result;
  }

  /** What an adapter adds to a weight of the decoder, in its layout; empty if it has none there. */
  static Optional<NDArray> added(String name, AdapterPlan plan, Trainables trainables) {
    if (name.equals(Gpt2Weights.HEAD)) {
      return plan.slot(HEAD).map(slot -> delta(slot, trainables));
    }
    // Conv1D keeps (in, out) and embeddings (rows, out): both are the transpose of B A.
    return plan.slot("transformer." + name.replaceAll("\\.weight$", ""))
        .map(slot -> delta(slot, trainables).transpose());
  }

  /** Scale · B A, (out, in). */
  private static NDArray delta(AdapterSlot slot, Trainables trainables) {
    NDArray a = trainables.array(slot.module() + ".A");
    NDArray b = trainables.array(slot.module() + ".B");
    return b.matMul(a).mul(slot.scale());
  }

  /**
   * Merges an adapter's folder into a folder of plain GPT-2: weights, configuration, tokenizer and
   * the projection. The weights tell which adapters they hold, so that none is added twice.
   *
   * @return what is odd, in sentences
   * @throws IllegalArgumentException if {@code target} holds another model, or one of the inputs,
   *     or a file of an earlier merge was changed there
   */
  public static List<String> merge(Path adapter, AdapterFolder.Origin origin, Path target)
      throws IOException {
    OccupiedFolder.requireNoRun(target);
    Gpt2Weights weights = Gpt2Weights.open(origin.decoder());
    AdapterPlan plan = AdapterFolder.plan(adapter, weights.config());
    Set<String> merged = new TreeSet<>(weights.mergedAdapters());
    List<String> odd;
    SequencedMap<String, byte[]> beside;
    try (NDManager manager = Torch.newManager();
        Trainables trainables =
            Trainables.fresh(manager, plan, origin.visualWidth(), weights.config().width(), 0)) {
      odd = new ArrayList<>(AdapterFolder.load(adapter, trainables, plan, weights));
      odd.addAll(AdapterBase.otherTokenizer(adapter, origin.tokenizer()));
      merged.add(AdapterFolder.identity(trainables, plan));
      beside = beside(adapter, origin, weights, merged);
      requireFree(target, merged, beside);
      SequencedMap<String, NDArray> tensors =
          Torch.inference(() -> merged(manager, weights, plan, trainables));
      tensors.forEach((name, tensor) -> requireFinite(name, tensor, adapter));
      try (ProcessLock _ = OutputFolder.take(target, WEIGHTS)) {
        requireFree(target, merged, beside);
        OccupiedFolder.deleteAbandoned(target);
        write(target, beside, tensors, merged);
      }
    }
    return odd;
  }

  /** The weights come last: without them the folder is no model. */
  private static void write(
      Path target,
      SequencedMap<String, byte[]> beside,
      SequencedMap<String, NDArray> tensors,
      Set<String> merged) {
    beside.forEach(
        (name, bytes) -> AtomicFile.write(target.resolve(name), out -> out.write(bytes)));
    try {
      SafetensorsWriter.write(
          target.resolve(WEIGHTS),
          tensors,
          Map.of("format", "pt", Gpt2Weights.MERGED, String.join(" ", merged)));
    } catch (IOException failure) {
      throw new UnwritableFileException(
          "%s cannot be written (%s): make room or give permission, and merge again, or choose another --output"
              .formatted(target.resolve(WEIGHTS), UnwritableFileException.reasonOf(failure)),
          failure);
    }
  }

  /** Finite factors may have a product that is not, as with a scale of 1e38. */
  private static void requireFinite(String name, NDArray tensor, Path adapter) {
    try (NDArray sum = tensor.sum()) {
      if (!Float.isFinite(sum.getFloat())) {
        throw new WeightsException(
            "With the adapter %s the tensor %s has weights that are not finite numbers: its %s or its matrices are damaged; %s"
                .formatted(adapter, name, AdapterFolder.CONFIG, AdapterFolder.REMEDY));
      }
    }
  }

  /**
   * Refuses a folder with any model's files, but those of the same merge, finished or not, that
   * nobody changed.
   */
  private static void requireFree(
      Path target, Set<String> merged, SequencedMap<String, byte[]> beside) throws IOException {
    boolean isFinished = mergedIn(target.resolve(WEIGHTS)).equals(String.join(" ", merged));
    if (!isFinished && !OccupiedFolder.isUnfinished(target, beside)) {
      OccupiedFolder.requireNoModel(target);
    }
    for (Map.Entry<String, byte[]> file : beside.entrySet()) {
      requireSame(target.resolve(file.getKey()), file.getValue());
    }
  }

  /** Which adapters weights hold; none where there are no weights that can be read. */
  private static String mergedIn(Path weights) throws IOException {
    try {
      return Files.isRegularFile(weights)
          ? Safetensors.open(weights).metadata().getOrDefault(Gpt2Weights.MERGED, "")
          : "";
    } catch (WeightsException _) {
      return "";
    }
  }

  private static void requireSame(Path file, byte[] content) throws IOException {
    if (Files.exists(file) && !Arrays.equals(Files.readAllBytes(file), content)) {
      throw new IllegalArgumentException(
          "--output would replace %s, which differs from what this merge writes: it was changed, or what is merged was. Give another folder, or move it away."
              .formatted(file));
    }
  }

  /** What is written beside the weights, by name. */
  private static SequencedMap<String, byte[]> beside(
      Path adapter, AdapterFolder.Origin origin, Gpt2Weights weights, Set<String> merged)
      throws IOException {
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    files.put("config.json", config(origin, weights, merged).getBytes(StandardCharsets.UTF_8));
    List<Path> copied = new ArrayList<>();
    for (String name : List.of("tokenizer.json", "encoder.json", "vocab.bpe")) {
      copied.add(origin.tokenizer().resolve(name));
    }
    copied.add(adapter.resolve(AdapterFolder.PROJECTION));
    for (Path file : copied) {
      if (Files.isRegularFile(file)) {
        files.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private static String config(AdapterFolder.Origin origin, Gpt2Weights weights, Set<String> merged)
      throws IOException {
    Path original = origin.decoder().resolve("config.json");
    ObjectNode node =
        Files.isRegularFile(original)
            ? (ObjectNode) JsonSettings.read(original, "get GPT-2's again").node()
            : JsonMapper.shared().createObjectNode();
    var config = weights.config();
    node.put("model_type", "gpt2").put("activation_function", "gelu_new");
    node.put("vocab_size", config.vocabulary()).put("n_positions", config.positions());
    node.put("n_embd", config.width()).put("n_layer", config.depth());
    node.put("n_head", config.heads()).put("n_inner", config.hidden());
    node.put("layer_norm_epsilon", config.epsilon());
    node.put("bos_token_id", config.endToken()).put("eos_token_id", config.endToken());
    ArrayNode adapters = node.putArray(Gpt2Weights.MERGED);
    merged.forEach(adapters::add);
    node.put("tie_word_embeddings", false).put("dtype", "float32");
    return node.toPrettyString() + "\n";
  }
}
