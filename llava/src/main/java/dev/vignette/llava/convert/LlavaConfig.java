package dev.vignette.llava.convert;

import dev.vignette.llava.convert.LlavaConversion.ConversionException;
import dev.vignette.weights.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a LLaVA is, from the {@code config.json} of its folder.
 *
 * @param featureLayer blocks of the tower that run before its features are taken, 1 to all
 * @param imageToken the token that stands for an image, if the configuration names it
 * @param json the whole file
 * @param textJson the part about the language model
 */
record LlavaConfig(
    LanguageShape language,
    TowerShape tower,
    int featureLayer,
    Optional<Integer> imageToken,
    JsonObject json,
    JsonObject textJson) {

  private static final String FILE = "config.json";
  private static final String KNOWN =
      "LLaVA-1.5 (\"llava\") in Hugging Face's layout or liuhaotian's, and JoyCaption, can be converted";

  LlavaConfig {
    if (featureLayer < 1 || featureLayer > tower.blocks()) {
      throw new ConversionException(
          "%s: the features come after %d of the tower's %d blocks; 1 to %d can be"
              .formatted(json.place(), featureLayer, tower.blocks(), tower.blocks()));
    }
  }

  /**
   * Reads a folder's configuration.
   *
   * @param towerFolder the folder of the vision tower when the model does not hold it
   * @throws ConversionException when it is neither LLaVA-1.5 nor JoyCaption, with what is known of
   *     it
   */
  static LlavaConfig read(Path folder, Optional<Path> towerFolder) throws IOException {
    JsonObject config = JsonObject.read(requireFile(folder));
    refuseOthers(config);
    return config.has("mm_vision_tower") || config.has("mm_projector_type")
        ? original(config, towerFolder)
        : huggingFace(config);
  }

  private static Path requireFile(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isDirectory(folder)) {
      throw new ConversionException(
          "%s is %s; give the folder of a model as Hugging Face publishes it"
              .formatted(folder, Files.exists(folder) ? "a file" : "not there"));
    }
    if (!Files.isRegularFile(file)) {
      throw new ConversionException(
          "%s holds no %s; give the folder of a model as Hugging Face publishes it"
              .formatted(folder, FILE));
    }
    return file;
  }

  private static void refuseOthers(JsonObject config) {
    String type = config.text("model_type").orElse("");
    List<String> names = config.list("architectures", String.class);
    String name = names.isEmpty() ? "" : names.getFirst();
    boolean tiles =
        type.equals("llava_next")
            || name.startsWith("LlavaNext")
            || config.text("image_aspect_ratio").orElse("").startsWith("anyres")
            || config.text("mm_patch_merge_type").orElse("").startsWith("spatial");
    if (tiles) {
      throw refusal(
          config,
          name,
          "a LLaVA-1.6 (LLaVA-NeXT): it cuts images into tiles, and tiles are not supported");
    }
    if (!type.equals("llava") && !type.equals("llava_llama")) {
      String what =
          switch (type) {
            case "" -> "of no named kind (it has no \"model_type\")";
            case "clip", "clip_vision_model", "siglip", "siglip_vision_model" ->
                "a vision tower alone; give the LLaVA that was trained with it";
            case "llama" -> "a language model alone, without eyes";
            case "vipllava", "llava_onevision", "llava_next_video", "video_llava" ->
                "a relative of LLaVA-1.5 with other parts (\"%s\")".formatted(type);
            default -> "of the kind \"%s\"".formatted(type);
          };
      throw refusal(config, name, what);
    }
  }

  private static ConversionException refusal(JsonObject config, String name, String what) {
    return new ConversionException(
        "%s: %s is %s; %s"
            .formatted(config.place(), name.isEmpty() ? "the model" : name, what, KNOWN));
  }

  private static LlavaConfig huggingFace(JsonObject config) {
    JsonObject text = config.object("text_config").orElse(JsonObject.empty(config.place()));
    TowerShape tower =
        config.object("vision_config").map(TowerShape::read).orElseGet(TowerShape::ofLlava15);
    LanguageShape.requireValue(config, "projector_hidden_act", "gelu");
    if (!config.flag("multimodal_projector_bias").orElse(true)) {
      throw new ConversionException(
          config.place() + ": the projector has no biases; only one with biases can be converted");
    }
    if (config.isList("vision_feature_layer")) {
      throw new ConversionException(
          "%s: features are taken from %s; a single layer is needed"
              .formatted(config.place(), config.list("vision_feature_layer", Long.class)));
    }
    requireAllPatches(config, tower);
    boolean tied = config.flag("tie_word_embeddings").orElse(false);
    return new LlavaConfig(
        LanguageShape.read(text, tied),
        tower,
        featureLayer(config.wholeNumber("vision_feature_layer").orElse(-2), tower),
        imageToken(config),
        config,
        text);
  }

  /** The class embedding's feature is left out, and no other: that is what llama.cpp does. */
  private static void requireAllPatches(JsonObject config, TowerShape tower) {
    String wanted = tower.hasClassEmbedding() ? "default" : "full";
    String strategy = config.text("vision_feature_select_strategy").orElse("default");
    if (!strategy.equals(wanted)) {
      throw new ConversionException(
          "%s: \"vision_feature_select_strategy\" is \"%s\"; a tower %s can be converted with \"%s\" only, which takes the features of all patches"
              .formatted(
                  config.place(),
                  strategy,
                  tower.hasClassEmbedding()
                      ? "with a class embedding (CLIP's)"
                      : "without a class embedding (SigLIP's)",
                  wanted));
    }
  }

  private static Optional<Integer> imageToken(JsonObject config) {
    for (String name : List.of("image_token_index", "image_token_id")) {
      if (config.has(name)) {
        return Optional.of((int) config.requireWholeNumber(name, 0, Integer.MAX_VALUE));
      }
    }
    return Optional.empty();
  }

  private static LlavaConfig original(JsonObject config, Optional<Path> towerFolder)
      throws IOException {
    LanguageShape.requireValue(config, "mm_projector_type", "mlp2x_gelu");
    String named = config.text("mm_vision_tower").orElse("its vision tower");
    if (towerFolder.isEmpty()) {
      throw new ConversionException(
          "%s: the vision tower is another model, %s; download it too and give its folder as the tower (--tower)"
              .formatted(config.place(), named));
    }
    TowerShape tower = towerIn(towerFolder.get());
    if (tower.kind() != TowerShape.Kind.CLIP) {
      throw new ConversionException(
          "%s: the tower in %s is not CLIP's; in liuhaotian's layout only models with CLIP's can be converted"
              .formatted(config.place(), towerFolder.get()));
    }
    LanguageShape.requireValue(config, "mm_vision_select_feature", "patch");
    return new LlavaConfig(
        LanguageShape.read(config, false),
        tower,
        featureLayer(config.wholeNumber("mm_vision_select_layer").orElse(-2), tower),
        Optional.empty(),
        config,
        config);
  }

  private static TowerShape towerIn(Path folder) throws IOException {
    JsonObject config = JsonObject.read(requireFile(folder));
    return TowerShape.read(config.object("vision_config").orElse(config));
  }

  /** Counts as transformers does: 0 is the input of the first block, -1 the output of the last. */
  private static int featureLayer(long layer, TowerShape tower) {
    return Math.clamp(layer < 0 ? tower.blocks() + 1 + layer : layer, -1, Integer.MAX_VALUE);
  }
}
