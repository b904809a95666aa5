package dev.vignette.captioner.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.vignette.torch.JsonSettings;
import dev.vignette.torch.Weights;
import dev.vignette.weights.ModelFolder;
import dev.vignette.weights.Safetensors;
import dev.vignette.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * GPT-2's published weights: Hugging Face's safetensors or PyTorch checkpoints, with or without
 * {@code transformer.} before their keys, the head tied to the token embedding or of its own.
 */
public final class Gpt2Weights {
  static final String PREFIX = "transformer.";

  /** The key of the head, without prefix. */
  public static final String HEAD = "lm_head.weight";

  /** What {@code captioner merge} writes into the header and {@code config.json}. */
  public static final String MERGED = "merged_adapters";

  private static final Pattern BUFFERS = Pattern.compile("h\\.\\d+\\.attn\\.(bias|masked_bias)");
  private static final List<String> FILES =
      List.of("model.safetensors", "pytorch_model.bin", "decoder_model.bin");

  private final Weights weights;
  private final Gpt2Config config;
  private final boolean ownHead;

  private Gpt2Weights(Weights weights, Gpt2Config config, boolean ownHead) {
    this.weights = weights;
    this.config = config;
    this.ownHead = ownHead;
  }

  /**
   * Opens and checks a model.
   *
   * @param path a folder with {@code config.json} and weights, or a weight file
   * @throws dev.vignette.weights.WeightsException naming missing, extra and mis-shaped tensors
   */
  public static Gpt2Weights open(Path path) throws IOException {
    Path file = weightFile(path);
    TensorFile tensors = TensorFile.open(file);
    Gpt2Config config = Gpt2Config.read(Files.isDirectory(path) ? path : folderOf(file), tensors);
    boolean ownHead = tensors.tensors().containsKey(HEAD);
    SequencedMap<String, Shape> shapes = shapes(config);
    if (ownHead) {
      shapes.put(HEAD, new Shape(config.vocabulary(), config.width()));
    }
    Weights.Table table =
        new Weights.Table("GPT-2", shapes, name -> BUFFERS.matcher(name).matches(), PREFIX);
    return new Gpt2Weights(Weights.checked(tensors, table), config, ownHead);
  }

  private static Path folderOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? file.toAbsolutePath() : folder;
  }

  /** The weight file that a path means: itself, or the first known name in a folder. */
  public static Path weightFile(Path path) {
    ModelFolder.requireEntry(path);
    if (!Files.isDirectory(path)) {
      return path;
    }
    return existingFile(path)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s holds none of %s; give GPT-2's folder or weight file".formatted(path, FILES)));
  }

  /**
   * Whether the weights that a path means hold a head of their own; false where there are none, as
   * for a published name.
   */
  public static boolean hasOwnHead(Path path) throws IOException {
    Optional<Path> file = existingFile(path);
    return file.isPresent() && TensorFile.open(file.get()).tensors().containsKey(HEAD);
  }

  private static Optional<Path> existingFile(Path path) {
    return Files.isDirectory(path)
        ? FILES.stream().map(path::resolve).filter(Files::isRegularFile).findFirst()
        : Optional.of(path).filter(Files::isRegularFile);
  }

  /** Every key of a GPT-2 with a tied head, without prefix. */
  public static SequencedMap<String, Shape> shapes(Gpt2Config config) {
    int width = config.width();
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("wte.weight", new Shape(config.vocabulary(), width));
    shapes.put("wpe.weight", new Shape(config.positions(), width));
    for (int layer = 0; layer < config.depth(); layer++) {
      String block = "h.%d.".formatted(layer);
      putNorm(shapes, block + "ln_1", width);
      putMap(shapes, block + "attn.c_attn", width, 3 * width);
      putMap(shapes, block + "attn.c_proj", width, width);
      putNorm(shapes, block + "ln_2", width);
      putMap(shapes, block + "mlp.c_fc", width, config.hidden());
      putMap(shapes, block + "mlp.c_proj", config.hidden(), width);
    }
    putNorm(shapes, "ln_f", width);
    return shapes;
  }

  private static void putNorm(SequencedMap<String, Shape> shapes, String name, int width) {
    shapes.put(name + ".weight", new Shape(width));
    shapes.put(name + ".bias", new Shape(width));
  }

  /** Conv1D keeps its weight as (in, out). */
  private static void putMap(SequencedMap<String, Shape> shapes, String name, int in, int out) {
    shapes.put(name + ".weight", new Shape(in, out));
    shapes.put(name + ".bias", new Shape(out));
  }

  /** The sizes. */
  public Gpt2Config config() {
    return config;
  }

  /** The weight file. */
  public Path file() {
    return weights.file().path();
  }

  /**
   * The identities of the adapters that these weights hold already, as their header or {@code
   * config.json} says; empty for published weights.
   */
  public Set<String> mergedAdapters() throws IOException {
    Set<String> merged = new TreeSet<>();
    if (weights.file() instanceof Safetensors file) {
      merged.addAll(List.of(file.metadata().getOrDefault(MERGED, "").split(" ", -1)));
    }
    Path settings = folderOf(file()).resolve("config.json");
    if (Files.isRegularFile(settings)) {
      JsonSettings.read(settings, Gpt2Config.REMEDY)
          .node()
          .path(MERGED)
          .forEach(adapter -> merged.add(adapter.asString("")));
    }
    merged.remove("");
    return merged;
  }

  /** A tensor under its key without prefix, as float32. */
  public NDArray load(NDManager manager, String name) {
    return weights.load(manager, name);
  }

  /** Whether a key without prefix is one of this GPT-2's, a tied head's included. */
  public boolean has(String name) {
    return name.equals(HEAD) || shapes(config()).containsKey(name);
  }

  /** Whether a key without prefix is a mask that older files hold, and no weight. */
  public static boolean isBuffer(String name) {
    return BUFFERS.matcher(name).matches();
  }

  /** The head's weight (V, C), loaded anew. */
  public NDArray loadHead(NDManager manager) {
    return weights.load(manager, ownHead ? HEAD : "wte.weight");
  }

  /** Whether the head's weight is not the token embedding's. */
  public boolean hasOwnHead() {
    return ownHead;
  }

  /** A block's weights in {@link dev.vignette.torch.BlockScript}'s order, maps as (out, in). */
  NDList block(NDManager manager, int layer) {
    NDList list = new NDList();
    for (String part :
        List.of("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")) {
      String name = "h.%d.%s".formatted(layer, part);
      NDArray weight = load(manager, name + ".weight");
      list.add(part.startsWith("ln") ? weight : weight.transpose());
      list.add(load(manager, name + ".bias"));
    }
    return list;
  }
}
