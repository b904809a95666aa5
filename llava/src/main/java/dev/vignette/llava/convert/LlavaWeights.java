package dev.vignette.llava.convert;

import dev.vignette.weights.TensorFile;
import dev.vignette.weights.TensorShape;
import dev.vignette.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The stored tensors of a LLaVA under one set of names, whichever way its folder names them: {@code
 * language.…} as LLaMA's, {@code tower.…} as CLIP's without the {@code vision_model} around it,
 * {@code projector.1} and {@code projector.2}.
 */
final class LlavaWeights {

  private static final int NAMED_AT_MOST = 10;

  /** A beginning of names in files, and what it stands for. */
  private record Prefix(String stored, String canonical) {}

  /**
   * transformers before 4.52 and from 5.0 on, transformers between, liuhaotian; longer ones first.
   */
  private static final List<Prefix> PREFIXES =
      List.of(
          new Prefix("language_model.model.", "language."),
          new Prefix("language_model.lm_head.", "language.lm_head."),
          new Prefix("model.language_model.", "language."),
          new Prefix("vision_tower.vision_model.", "tower."),
          new Prefix("vision_tower.", "tower."),
          new Prefix("model.vision_tower.vision_tower.vision_model.", "tower."),
          new Prefix("model.vision_tower.vision_model.", "tower."),
          new Prefix("model.vision_tower.", "tower."),
          new Prefix("multi_modal_projector.linear_", "projector."),
          new Prefix("model.multi_modal_projector.linear_", "projector."),
          new Prefix("model.mm_projector.0.", "projector.1."),
          new Prefix("model.mm_projector.2.", "projector.2."),
          new Prefix("lm_head.", "language.lm_head."),
          new Prefix("model.", "language."));

  /** What a CLIP holds besides its tower. */
  private static final Pattern NOT_OF_A_TOWER =
      Pattern.compile("(text_model|text_projection|visual_projection|logit_scale).*");

  /** Buffers, and parts of the tower after the features are taken. */
  private static final Pattern UNUSED =
      Pattern.compile(
          "language\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq"
              + "|tower\\.embeddings\\.position_ids|tower\\.(post_layernorm|head)\\..*");

  private static final Pattern TOWER_BLOCK =
      Pattern.compile("tower\\.encoder\\.layers\\.(\\d+)\\..*");

  /** Where a tensor is stored. */
  record Stored(TensorFile file, String name) {
    TensorShape shape() {
      return file.info(name).shape();
    }
  }

  private final Path folder;
  private final Map<String, Stored> tensors = new LinkedHashMap<>();

  private LlavaWeights(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens the weights of a model and of a tower in a folder of its own.
   *
   * @throws WeightsException when files are missing or damaged
   */
  static LlavaWeights open(Path folder, Optional<Path> tower) throws IOException {
    LlavaWeights weights = new LlavaWeights(folder);
    TensorFile file = TensorFile.inFolder(folder);
    for (String name : file.tensors().keySet()) {
      weights.add(canonical(name), new Stored(file, name));
    }
    if (tower.isPresent()) {
      TensorFile towerFile = TensorFile.inFolder(tower.get());
      for (String name : towerFile.tensors().keySet()) {
        if (!NOT_OF_A_TOWER.matcher(name).matches()) {
          String bare = name.startsWith("vision_model.") ? name.substring(13) : name;
          // A tower that was trained along is in the model itself, and that one counts.
          weights.tensors.putIfAbsent("tower." + bare, new Stored(towerFile, name));
        }
      }
    }
    return weights;
  }

  private void add(String name, Stored stored) {
    Stored other = tensors.putIfAbsent(name, stored);
    if (other != null) {
      throw new WeightsException(
          "%s holds tensor %s twice, as %s and as %s"
              .formatted(folder, name, other.name(), stored.name()));
    }
  }

  private static String canonical(String stored) {
    for (Prefix prefix : PREFIXES) {
      if (stored.startsWith(prefix.stored())) {
        return prefix.canonical() + stored.substring(prefix.stored().length());
      }
    }
    return stored;
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** The stored tensor of a name that {@link #check} has seen. */
  Stored stored(String name) {
    Stored stored = tensors.get(name);
    if (stored == null) {
      throw new IllegalArgumentException("%s has no tensor %s".formatted(folder, name));
    }
    return stored;
  }

  /**
   * Holds what is stored against what the configuration promises.
   *
   * @param shapes every tensor that is needed
   * @param featureLayer the tower's blocks from this one on are not needed
   * @throws WeightsException naming the missing, extra and mis-shaped tensors, ten of each at most,
   *     or a matrix of zeros
   */
  void check(Map<String, TensorShape> shapes, int featureLayer) throws IOException {
    List<String> missing = new ArrayList<>();
    List<String> misshaped = new ArrayList<>();
    shapes.forEach((name, shape) -> {
      Stored stored = tensors.get(name);
      if (stored == null) {
        missing.add(name);
      } else if (!stored.shape().equals(shape)) {
        misshaped.add(
            "%s is %s, but by config.json %s".formatted(stored.name(), stored.shape(), shape));
      }
    });
    List<String> extra = new ArrayList<>();
    tensors.forEach((name, stored) -> {
      if (!shapes.containsKey(name)
          && !UNUSED.matcher(name).matches()
          && !isLaterBlock(name, featureLayer)) {
        extra.add(stored.name());
      }
    });
    if (!missing.isEmpty() || !misshaped.isEmpty() || !extra.isEmpty()) {
      throw new WeightsException(
          "The weights in %s are not those that its config.json describes:%s%s%s"
              .formatted(
                  folder,
                  listed("missing", missing),
                  listed("of another shape", misshaped),
                  listed("unknown", extra)));
    }
    for (String name : shapes.keySet()) {
      Stored stored = stored(name);
      stored.file().requireFilled(List.of(stored.name()));
    }
  }

  private static boolean isLaterBlock(String name, int featureLayer) {
    var block = TOWER_BLOCK.matcher(name);
    return block.matches()
        && block.group(1).length() < 9
        && Integer.parseInt(block.group(1)) >= featureLayer;
  }

  private static String listed(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    String shown = String.join(", ", names.subList(0, Math.min(NAMED_AT_MOST, names.size())));
    return "%n  %d %s: %s%s"
        .formatted(names.size(), what, shown, names.size() > NAMED_AT_MOST ? ", ..." : "");
  }
}
